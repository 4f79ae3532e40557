import { CsvParser, InvalidRecordError } from '../engine/enumerators/csv-parser.ts'
import { describeValue } from '../engine/errors.ts'
import { Unreadable } from '../engine/index.ts'
import { parseImportRow, requireImportColumns } from './import.ts'
import { MultipartWriter } from './multipart-writer.ts'
import { ShopError } from './shop-error.ts'

/** Where uploaded files are kept. */
export const IMPORTS_PREFIX = 'imports/'
/** How much of a file is checked while it is uploaded; a request has no CPU time for more. The run checks all. */
const CHECKED_BYTES = 16 * 1024 * 1024

/** A file that is ready to be imported: the params of `import-orders`. */
export interface Upload {
  /** Its key in R2. */
  file: string
  /** The source of its order lines: the file's name without .csv or .csv.gz. */
  name: string
}

/**
 * Stores a CSV file, gzipped or not, for an import. Memory stays flat. What is wrong in its header or
 * first 16 MiB is refused here, and then nothing is left in R2. Each upload has a key of its own, so an
 * earlier file of the same name, which a run may be walking, stays as it is.
 */
export async function uploadImport(
  bucket: R2Bucket,
  fileName: string,
  body: ReadableStream<Uint8Array> | null,
): Promise<Upload> {
  const name = fileName.replace(/\.csv(\.gz)?$/i, '')
  if (!/^[^/\p{Cc}\uFFFD]{1,100}$/u.test(name) || !name.isWellFormed()) {
    throw new ShopError(
      'import_name_wrong',
      `File name ${describeValue(fileName)}; expected 1 to 100 characters in UTF-8 before .csv, no slash among them`,
    )
  }
  // The shop's own seed is the source of that name: its lines would be taken for the file's.
  if (name === 'seed') {
    throw new ShopError(
      'import_name_wrong',
      `File name ${describeValue(fileName)}; expected another than 'seed'`,
    )
  }
  const file = `${IMPORTS_PREFIX}${name}/${crypto.randomUUID()}.csv`
  const writer = new MultipartWriter(bucket, file)
  const parser = new CsvParser()
  try {
    let bytes = 0
    let checkedAll = true
    for await (const chunk of textOf(body)) {
      await writer.write(chunk)
      checkedAll = bytes < CHECKED_BYTES
      if (checkedAll) await check(parser, parser.write(chunk))
      bytes += chunk.byteLength
    }
    if (bytes === 0) {
      throw new ShopError('import_empty', 'The file is empty; expected CSV with a header line')
    }
    if (checkedAll) await check(parser, parser.end())
    await writer.complete()
  } catch (error) {
    await writer.abort()
    throw error instanceof InvalidRecordError ? explain(error, parser) : error
  }
  return { file, name }
}

async function check(parser: CsvParser, pages: ReturnType<CsvParser['write']>): Promise<void> {
  for await (const page of pages) {
    if (parser.columns) requireImportColumns(parser.columns)
    for (const entry of page) {
      if (entry instanceof Unreadable) throw entry.error
      parseImportRow(entry[0])
    }
  }
  if (parser.columns) requireImportColumns(parser.columns)
}

function explain(error: InvalidRecordError, { columns }: CsvParser): ShopError {
  const code = columns === undefined ? 'import_columns_wrong' : 'import_row_broken'
  return new ShopError(code, error.message, { line: error.line, cause: error })
}

/** The body's text: what begins like gzip is unpacked, whatever its name says. */
async function* textOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const chunks = body[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  const begin: number[] = []
  while (begin.length < 2) {
    const { done, value } = await chunks.next()
    if (done) break
    head.push(value)
    begin.push(...value.subarray(0, 2))
  }
  const zipped = begin[0] === 0x1f && begin[1] === 0x8b
  const whole = replay(head, chunks)
  yield* zipped ? unzip(whole) : whole
}

async function* replay(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* head
  yield* { [Symbol.asyncIterator]: () => rest }
}

async function* unzip(zipped: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await zipped.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
  try {
    yield* stream.pipeThrough(new DecompressionStream('gzip'))
  } catch (cause) {
    throw new ShopError(
      'import_unreadable',
      `The file begins like gzip but cannot be unpacked: ${String(cause)}`,
      { cause },
    )
  }
}
