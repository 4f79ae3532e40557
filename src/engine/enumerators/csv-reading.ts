/**
 * CSV read outside a walk: while it is uploaded, say. Bytes go in as they come, and rows come out with
 * their lines, byte for byte as `enumerators.csv` reads them. Works on Node's Buffer (`nodejs_compat`).
 *
 * @module
 */
export { CsvParser, type CsvCursor, type CsvRow } from './csv-parser.ts'
export { textOnly } from './file-text.ts'
