/**
 * CSV: walks over the rows of a file in R2, and rows read outside a walk (while a file is uploaded, say: bytes
 * go in as they come, and rows come out with their lines). Works on Node's Buffer: the Worker needs
 * `compatibility_flags = ["nodejs_compat"]`, which nothing else of Dogear does.
 *
 * @module
 */
export { csv, type CsvOptions } from './csv.ts'
export { csvBatches, type CsvBatchOptions } from './csv-batches.ts'
export { CsvParser, type CsvCursor, type CsvParserOptions, type CsvRow } from './csv-parser.ts'
export { InvalidRecordError } from './invalid-record.ts'
export { textOnly } from './file-text.ts'
