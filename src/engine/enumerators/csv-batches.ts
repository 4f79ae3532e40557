import type { CsvCursor, CsvRow } from './csv-parser.ts'
import { csvPages } from './csv.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'
import { InvalidRecordError } from './invalid-record.ts'
import { requireCount } from './keyset.ts'
import { R2File, type FileOptions } from './r2-file.ts'

export interface CsvBatchOptions extends FileOptions {
  /** Rows in a batch; the last one may have fewer. May change while a run is under way. @default 100 */
  batchSize?: number
}

type Batch = readonly [readonly CsvRow[], CsvCursor]

/**
 * Walks a CSV file as `csv` does, in batches of rows. Cursor: where the next batch begins. Size: null.
 * The rows before a broken one make a short batch, and then it throws `InvalidRecordError`.
 *
 * After job-iteration's `csv_on_batches`, whose cursor counts batches: with another batch size it
 * points to other rows.
 */
export function csvBatches(
  bucket: R2Bucket,
  key: string,
  options: CsvBatchOptions,
): Enumerator<readonly CsvRow[], CsvCursor> {
  const file = new R2File('csvBatches', bucket, key, options)
  const size = requireCount('csvBatches', 'batchSize', options.batchSize ?? 100)
  return enumerator(
    () => inBatches(csvPages(file), size),
    async () => null,
  )
}

async function* inBatches(
  pages: AsyncIterable<Page<CsvRow, CsvCursor>>,
  size: number,
): AsyncGenerator<Batch[]> {
  let rows: CsvRow[] = []
  let last: CsvCursor | undefined
  const rest = (): Batch[] => (last === undefined || rows.length === 0 ? [] : [[rows, last]])
  try {
    for await (const page of pages) {
      const full: Batch[] = []
      for (const [row, cursor] of page) {
        rows.push(row)
        last = cursor
        if (rows.length < size) continue
        full.push([rows, cursor])
        rows = []
      }
      yield full
    }
  } catch (error) {
    if (error instanceof InvalidRecordError) yield rest()
    throw error
  }
  yield rest()
}
