import { array } from './array.ts'
import { csv } from './csv.ts'
import { records } from './records.ts'
import { once, times } from './times.ts'

/** The enumerators that come with the engine; a job's context offers them as `enumerators`. */
export const enumerators = { array, csv, once, records, times }
export type Enumerators = typeof enumerators
export { Throttled, Tick } from './enumerator.ts'
export type { Enumerator, Walk } from './enumerator.ts'
export type { CsvCursor, CsvRow } from './csv.ts'
export type { KeyCursor, RecordQuery } from './records.ts'
