import type { CsvCursor, CsvRow } from './csv-parser.ts'
import { csvPages } from './csv.ts'
import { requireCsvOptions, type CsvOptions } from './csv-form.ts'
import { Unreadable, type Enumerator } from './enumerator.ts'
import { InvalidRecordError } from './invalid-record.ts'
import { requireCount } from './keyset.ts'
import { R2File, type FileOptions } from './r2-file.ts'
import { recordEnumerator, type RecordPage } from './record-enumerator.ts'

export interface CsvBatchOptions extends FileOptions, CsvOptions {
  /** Rows in a batch; the last one may have fewer. May change while a run is under way. @default 100 */
  batchSize?: number
}

type Batch = readonly [readonly CsvRow[], CsvCursor] | Unreadable<CsvCursor>

/**
 * Walks a CSV file as `csv` does, in batches of rows. Cursor: where the next batch begins. Size: null.
 * The rows before one that cannot be read make a short batch; that one is then an item of its own, which
 * failed, as with `csv`.
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
  requireCsvOptions('csvBatches', options)
  return recordEnumerator(() => inBatches(csvPages(file, options), size))
}

async function* inBatches(
  pages: AsyncIterable<RecordPage<CsvRow, CsvCursor>>,
  size: number,
): AsyncGenerator<Batch[]> {
  let rows: CsvRow[] = []
  let last: CsvCursor | undefined
  const rest = (): Batch[] => (last === undefined || rows.length === 0 ? [] : [[rows, last]])
  try {
    for await (const page of pages) {
      const full: Batch[] = []
      for (const entry of page) {
        if (entry instanceof Unreadable) {
          full.push(...rest(), entry)
          rows = []
          continue
        }
        const [row, cursor] = entry
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
