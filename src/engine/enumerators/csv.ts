import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { CsvParser, type CsvCursor, type CsvRow } from './csv-parser.ts'
import { enumerator, type Enumerator } from './enumerator.ts'

export { type CsvCursor, type CsvRow, InvalidRecordError } from './csv-parser.ts'

export interface CsvOptions {
  /** Start after the row beside which this cursor came; null is the file's start. */
  cursor: Cursor | null
  /** Bytes read at once. The next chunk is read while the rows of this one are worked on. @default 262_144 */
  chunkBytes?: number
}

const HEADER_CHUNK_BYTES = 4_096

/**
 * Walks the rows of a CSV file in R2, which has a header line. A resumed walk reads from its row's
 * byte on (and the header's names once more), so earlier rows cost nothing. The file must stay as it
 * is: a walk notices a change, but a cursor from before the change means nothing in the new file, so
 * upload under a new key instead. After job-iteration's `csv`.
 */
export function csv(
  bucket: R2Bucket,
  key: string,
  { cursor, chunkBytes = 256 * 1024 }: CsvOptions,
): Enumerator<CsvRow, CsvCursor> {
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1) {
    throw new DogearError(
      'invalid_enumerator',
      `enumerators.csv got chunkBytes ${chunkBytes}; expected a whole number from 1 up`,
    )
  }
  const start = cursor === null ? null : requireCursor(cursor)

  return enumerator(
    async function* () {
      const file = await open(bucket, key)
      if (start !== null && start.byte > file.size) {
        throw invalidCursor(
          `byte ${start.byte}`,
          `at most ${file.size}, the size of ${JSON.stringify(key)}`,
        )
      }
      const parser = new CsvParser(
        start === null ? undefined : { cursor: start, columns: await readColumns(file) },
      )
      for await (const chunk of chunks(file, start?.byte ?? 0, chunkBytes)) {
        yield* parser.write(chunk)
      }
      yield* parser.end()
    },
    async () => null,
  )
}

interface OpenFile {
  readonly size: number
  read(offset: number, length: number): Promise<Uint8Array>
}

/** Every read wants the version of the file that was there at first: two are never mixed. */
async function open(bucket: R2Bucket, key: string): Promise<OpenFile> {
  const head = await bucket.head(key)
  if (head === null) {
    throw new DogearError(
      'invalid_enumerator',
      `enumerators.csv found no file ${JSON.stringify(key)} in the bucket`,
    )
  }
  const { size, etag } = head
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const range = { offset, length: Math.min(length, size - offset) }
    const object = await bucket.get(key, { range, onlyIf: { etagMatches: etag } })
    if (object !== null && 'body' in object) return new Uint8Array(await object.arrayBuffer())
    throw new DogearError(
      'invalid_enumerator',
      `enumerators.csv: the file ${JSON.stringify(key)} was ${object === null ? 'deleted' : 'replaced'} during the walk; expected it to stay as it is`,
    )
  }
  return { size, read }
}

async function* chunks(file: OpenFile, from: number, length: number): AsyncGenerator<Uint8Array> {
  let next = from < file.size ? file.read(from, length) : undefined
  for (let offset = from + length; next !== undefined; offset += length) {
    const chunk = await next
    next = offset < file.size ? file.read(offset, length) : undefined
    // A chunk nobody came to wait for must not end the process when it fails.
    next?.catch(() => undefined)
    yield chunk
  }
}

async function readColumns(file: OpenFile): Promise<readonly string[]> {
  const parser = new CsvParser()
  for await (const chunk of chunks(file, 0, HEADER_CHUNK_BYTES)) {
    await parser.write(chunk).next()
    if (parser.columns) return parser.columns
  }
  await parser.end().next()
  return parser.columns ?? []
}

function requireCursor(cursor: Cursor): CsvCursor {
  const { byte, line } = (cursor ?? {}) as Partial<CsvCursor>
  const usable =
    Number.isSafeInteger(byte) &&
    Number.isSafeInteger(line) &&
    Number(byte) >= 0 &&
    Number(line) >= 1
  if (!usable)
    throw invalidCursor(
      `cursor ${describeValue(cursor)}`,
      '{ byte, line } as it came beside a row, or null',
    )
  return { byte: Number(byte), line: Number(line) }
}

function invalidCursor(found: string, expected: string): DogearError {
  return new DogearError('invalid_cursor', `enumerators.csv got ${found}; expected ${expected}`)
}
