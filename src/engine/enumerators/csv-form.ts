import { cutText } from '../cut-text.ts'
import { parse } from 'csv-parse/sync'
import { describeValue, DogearError } from '../errors.ts'
import { InvalidRecordError } from './invalid-record.ts'

/** The form of a CSV file, as far as it is not fixed. */
export interface CsvOptions {
  /**
   * The character between fields. `'auto'` finds it out from the first rows: a comma, a semicolon, a tab or a
   * vertical bar. A first line `sep=;`, as Excel reads it, says it too, unless it is set here. @default ','
   */
  delimiter?: string
  /**
   * The names of the columns, for a file without a header line. A first row of just these names is
   * passed over.
   */
  columns?: readonly string[]
}

/** The form of one file: found out from its head, so the same for every walk of it. */
export interface CsvForm {
  readonly delimiter: string
  /** Those without a name at the end, as spreadsheets write them, are the empty text. */
  readonly columns: readonly string[]
}

/** In the order in which they are taken when two serve as well: commas also stand in numbers and names. */
const CANDIDATES = ['\t', ';', '|', ','] as const
const RECORD_DELIMITERS = ['\r\n', '\n', '\r']

/** Throws `invalid_enumerator` for what is no delimiter, and for columns that are none. */
export function requireCsvOptions(name: string, { delimiter, columns }: CsvOptions): void {
  const refuse = (problem: string): never => {
    throw new DogearError('invalid_enumerator', `${name} got ${problem}`)
  }
  if (delimiter !== undefined && !/^(auto|[^"\r\n])$/u.test(delimiter))
    refuse(
      `delimiter ${describeValue(delimiter)}; expected one character, no quote or line break, or 'auto'`,
    )
  if (columns === undefined) return
  const usable = Array.isArray(columns) && columns.length > 0
  if (!usable || columns.some((column) => typeof column !== 'string' || column === ''))
    refuse(`columns ${describeValue(columns)}; expected an array of names`)
  if (new Set(columns).size < columns.length)
    refuse(`columns ${cutText(columns.join(', '), 200, '…')}; expected distinct names`)
}

/** Options of csv-parse for the file. Line breaks are named: a resumed walk must not guess again. */
export function parseOptions(delimiter: string) {
  return {
    delimiter,
    record_delimiter: RECORD_DELIMITERS,
    skip_empty_lines: true,
    relax_column_count: true,
  }
}

/** The line by which a file tells Excel its delimiter, and how many bytes it takes. */
export function separatorLine(head: string): { delimiter: string; length: number } | undefined {
  const [line, delimiter] = /^"?sep=([^"\r\n])"?(?:\r\n|\n|\r|$)/i.exec(head) ?? []
  if (line === undefined || delimiter === undefined) return undefined
  return { delimiter, length: new TextEncoder().encode(line).length }
}

/** The delimiter that makes the most even rows of a sample, and the most columns. */
export function discoverDelimiter(sample: string): string {
  let best = { delimiter: ',', even: 0, columns: 1 }
  for (const delimiter of CANDIDATES) {
    const widths = widthsOf(sample, delimiter)
    const columns = widths[0] ?? 0
    if (columns < 2) continue
    const even = widths.filter((width) => width === columns).length / widths.length
    if (even > best.even || (even === best.even && columns > best.columns))
      best = { delimiter, even, columns }
  }
  return best.delimiter
}

const SAMPLE_ROWS = 20

function widthsOf(sample: string, delimiter: string): number[] {
  try {
    const rows = parse(sample, { ...parseOptions(delimiter), relax_quotes: true, to: SAMPLE_ROWS })
    return rows.map((fields: string[]) => fields.length)
  } catch {
    // The sample may end within a quoted field.
    const [first = ''] = sample.split(/[\r\n]+/, 1)
    return [first.split(delimiter).length]
  }
}

/** A delimiter that a text has although it was not taken apart by it. */
export function otherDelimiter(field: string, delimiter: string): string | undefined {
  return CANDIDATES.find((other) => other !== delimiter && field.includes(other))
}

/** The end of a message about a header of quoted names that something else than the delimiter sets apart. */
export function behindQuote(header: Uint8Array): string {
  const [, found] = /^\s*"(?:[^"]|"")*"([\t;|,])/.exec(new TextDecoder().decode(header)) ?? []
  return found === undefined
    ? ''
    : `. If ${describeValue(found)} sets fields apart, set delimiter: ${describeValue(found)}, or 'auto'`
}

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

/** The columns of a header. Throws `InvalidRecordError` for what can be none. */
export function requireHeader(
  fields: readonly string[],
  line: number,
  { delimiter, quoted }: { delimiter: string; quoted: boolean },
): readonly string[] {
  const refuse = (problem: string): never => {
    throw new InvalidRecordError(line, problem)
  }
  if (fields.some((field) => CONTROL.test(field)))
    refuse('the header has control characters; expected the names of the columns, in UTF-8')
  requireSeveral(fields, line, { delimiter, quoted })
  const named = namedCount(fields)
  const distinct = named === 0 ? fields : fields.slice(0, named)
  const double = distinct.find((column, index) => distinct.indexOf(column) !== index)
  if (double !== undefined)
    refuse(`the header names ${JSON.stringify(double)} twice; expected distinct columns`)
  return fields
}

/** Refuses a row of one field that another delimiter would take apart: who has set the wrong one? */
export function requireSeveral(
  fields: readonly string[],
  line: number,
  { delimiter, quoted }: { delimiter: string; quoted: boolean },
): void {
  const other =
    fields.length === 1 && !quoted ? otherDelimiter(fields[0] as string, delimiter) : undefined
  if (other === undefined) return
  throw new InvalidRecordError(
    line,
    `found one column, ${describeValue(fields[0])}, with ${describeValue(other)} in it; expected fields set apart by ${describeValue(delimiter)}. Set delimiter: ${describeValue(other)}, or 'auto' (or put the name in quotes)`,
  )
}

/** Columns up to the last one with a name. */
export function namedCount(columns: readonly string[]): number {
  return columns.findLastIndex((column) => column !== '') + 1
}
