import { requireCsvOptions, type CsvForm, type CsvOptions } from './csv-form.ts'
import { CsvParser, type CsvCursor, type CsvRow } from './csv-parser.ts'
import type { Enumerator } from './enumerator.ts'
import { chunks, R2File, type FileOptions, type OpenFile } from './r2-file.ts'
import { recordEnumerator, type RecordPage } from './record-enumerator.ts'

export type { CsvOptions } from './csv-form.ts'
export { type CsvCursor, type CsvRow } from './csv-parser.ts'

const HEADER_CHUNK_BYTES = 4_096

/**
 * Walks the rows of a CSV file in R2, which has a header line or else gets its `columns` here. A resumed
 * walk reads from its row's byte on (and the file's head once more), so earlier rows cost nothing. The
 * file must stay as it is: the cursor names its version, and a walk of another one throws, so upload
 * under a new key instead. Cursor: where the next row begins. Size: null, as to count rows is to read
 * the whole file.
 *
 * A row that cannot be read counts as an item that failed, with an `InvalidRecordError` that names its
 * line: `skip` may pass it over. Throws that error, once the rows before it are done, where nobody knows
 * where the next row begins (a quote that is not closed) and for a file that is no CSV in UTF-8.
 *
 * After job-iteration's `csv`, whose cursor is the row's index: it reads all earlier rows again.
 */
export function csv(
  bucket: R2Bucket,
  key: string,
  options: FileOptions & CsvOptions,
): Enumerator<CsvRow, CsvCursor> {
  const file = new R2File('csv', bucket, key, options)
  requireCsvOptions('csv', options)
  return recordEnumerator(() => csvPages(file, options))
}

/** The rows of a CSV file by the chunks that complete them; a page may be empty. */
export async function* csvPages(
  file: R2File,
  { delimiter, columns }: CsvOptions,
): AsyncGenerator<RecordPage<CsvRow, CsvCursor>> {
  const { start, chunkBytes } = file
  const opened = await file.open()
  const written = {
    ...(delimiter !== undefined && { delimiter }),
    ...(columns !== undefined && { columns }),
  }
  const resume =
    start === null ? {} : { resume: { cursor: start, form: await readForm(opened, written) } }
  const parser = new CsvParser({ ...written, ...resume, etag: opened.etag })
  for await (const chunk of chunks(opened, start?.byte ?? 0, chunkBytes)) yield* parser.write(chunk)
  yield* parser.end()
}

async function readForm(file: OpenFile, options: CsvOptions): Promise<CsvForm> {
  const parser = new CsvParser(options)
  for await (const chunk of chunks(file, 0, HEADER_CHUNK_BYTES)) {
    for await (const _page of parser.write(chunk)) if (parser.form) break
    if (parser.form) return parser.form
  }
  for await (const _page of parser.end()) if (parser.form) break
  return parser.form as CsvForm
}
