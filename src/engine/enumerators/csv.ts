import { CsvParser, type CsvCursor, type CsvRow } from './csv-parser.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'
import { chunks, R2File, type FileOptions } from './r2-file.ts'

export { type CsvCursor, type CsvRow } from './csv-parser.ts'

const HEADER_CHUNK_BYTES = 4_096

/**
 * Walks the rows of a CSV file in R2, which has a header line. A resumed walk reads from its row's
 * byte on (and the header's names once more), so earlier rows cost nothing. The file must stay as it
 * is: a walk notices a change, but a cursor from before the change means nothing in the new file, so
 * upload under a new key instead. Cursor: where the next row begins. Size: null, as to count rows is to
 * read the whole file. Throws `InvalidRecordError` for a broken row, once the rows before it are done.
 *
 * After job-iteration's `csv`, whose cursor is the row's index: it reads all earlier rows again.
 */
export function csv(
  bucket: R2Bucket,
  key: string,
  options: FileOptions,
): Enumerator<CsvRow, CsvCursor> {
  const file = new R2File('csv', bucket, key, options)
  return enumerator(
    () => csvPages(file),
    async () => null,
  )
}

/** The rows of a CSV file by the chunks that complete them; a page may be empty. */
export async function* csvPages(file: R2File): AsyncGenerator<Page<CsvRow, CsvCursor>> {
  const { start, chunkBytes } = file
  const opened = await file.open()
  const parser = new CsvParser(
    start === null ? undefined : { cursor: start, columns: await readColumns(opened) },
  )
  for await (const chunk of chunks(opened, start?.byte ?? 0, chunkBytes)) yield* parser.write(chunk)
  yield* parser.end()
}

async function readColumns(file: Parameters<typeof chunks>[0]): Promise<readonly string[]> {
  const parser = new CsvParser()
  for await (const chunk of chunks(file, 0, HEADER_CHUNK_BYTES)) {
    await parser.write(chunk).next()
    if (parser.columns) return parser.columns
  }
  await parser.end().next()
  return parser.columns ?? []
}
