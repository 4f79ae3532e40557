import { type CsvError, Parser } from 'csv-parse'
import { parse } from 'csv-parse/sync'
import {
  behindQuote,
  discoverDelimiter,
  namedCount,
  parseOptions,
  requireHeader,
  requireSeveral,
  separatorLine,
  type CsvForm,
  type CsvOptions,
} from './csv-form.ts'
import { behindLineBreaks, HEAD_BYTES, isHead, lineEnd, startsQuoted } from './csv-lines.ts'
import { Unreadable } from './enumerator.ts'
import {
  BYTE_ORDER_MARK,
  BYTE_ORDER_MARK_BYTES,
  isMarked,
  requireText,
  utf8Text,
} from './file-text.ts'
import { HeldBytes } from './held-bytes.ts'
import { InvalidRecordError, thatBegins } from './invalid-record.ts'
import type { FilePosition } from './r2-file.ts'
import type { RecordPage } from './record-enumerator.ts'

export { InvalidRecordError } from './invalid-record.ts'

/** A row of a CSV file: its fields by column name, and the line of the file where it begins. */
export interface CsvRow {
  /** As an editor counts: the header is line 1, and a line break within quotes counts too. */
  readonly line: number
  readonly record: Readonly<Record<string, string>>
}

/** The start of the next row. */
export type CsvCursor = FilePosition

export interface CsvParserOptions extends CsvOptions {
  /** Goes on at a row of a file whose form is known. */
  resume?: { cursor: CsvCursor; form: CsvForm }
  /** The version of the file, which its cursors are to name. */
  etag?: string | undefined
}

type CsvPage = RecordPage<CsvRow, CsvCursor>

/** Stops a quote that is never closed from gathering the rest of the file in memory. */
const MAX_RECORD_CHARACTERS = 1_000_000

/**
 * CSV as in RFC 4180 and UTF-8, parsed as its bytes arrive, from the file's start or from any row.
 * Lines end in LF, CRLF or CR; empty lines are passed over; the first row names the columns. A row that
 * cannot be read is an `Unreadable` where the next one can be found: it has another number of fields,
 * bytes that are not UTF-8, or a quote out of place, and then it ends with its line.
 */
export class CsvParser {
  /** The file's form; undefined until its header has been read. */
  form: CsvForm | undefined
  readonly #options: CsvParserOptions
  readonly #held: HeldBytes
  /** The start of the next row, but for empty lines before it. */
  #at: { byte: number; line: number }
  #delimiter: string | undefined
  #parser!: Parser
  /** The parser's start, and the end of the text it has been fed. */
  #base = 0
  #fedTo = 0
  #emptyLines = 0
  /** The next row is the first of a file that follows on another, by its byte order mark. */
  #marked = false
  #first = true
  #broken: Error | undefined
  #rows: (readonly [CsvRow, CsvCursor] | Unreadable<CsvCursor>)[] = []

  constructor(options: CsvParserOptions = {}) {
    this.#options = options
    const { byte, line } = options.resume?.cursor ?? { byte: 0, line: 1 }
    this.#at = { byte, line }
    this.#held = new HeldBytes(byte)
    if (options.resume === undefined) return
    this.form = options.resume.form
    this.#first = false
    this.#delimiter = this.form.delimiter
    this.#restart()
  }

  /** The header's names; undefined until it has been read. */
  get columns(): readonly string[] | undefined {
    return this.form?.columns
  }

  /** The rows that this chunk completes, each with the cursor after it; then throws if none can follow. */
  async *write(chunk: Uint8Array): AsyncGenerator<CsvPage, void> {
    this.#held.append(chunk)
    yield* this.#advance(false)
  }

  /** The last row, when no line break ends it; then throws if it is broken, or the header is missing. */
  async *end(): AsyncGenerator<CsvPage, void> {
    yield* this.#advance(true)
    if (this.form === undefined)
      throw new InvalidRecordError(1, 'found no header; expected the names of the columns')
  }

  async *#advance(ended: boolean): AsyncGenerator<CsvPage, void> {
    if (this.#delimiter === undefined && !this.#begin(ended)) return
    for (;;) {
      this.#broken ??= await this.#parse(ended)
      const rows = this.#rows
      this.#rows = []
      yield rows
      this.#held.drop(this.#at.byte)
      if (this.#broken === undefined || !this.#passOver(this.#broken, ended)) return
      this.#broken = undefined
      this.#restart()
    }
  }

  /** Looks at the head of the file, once there is enough of it. */
  #begin(ended: boolean): boolean {
    const { delimiter, columns } = this.#options
    const head = this.#held.slice(0, HEAD_BYTES)
    if (!ended && !isHead(head, delimiter === 'auto')) return false
    requireText(head, delimiter)
    const mark = isMarked(head) ? BYTE_ORDER_MARK_BYTES : 0
    const text = new TextDecoder().decode(head.subarray(mark))
    const separator = separatorLine(text)
    this.#at = {
      byte: mark + (separator?.length ?? 0),
      line: separator === undefined ? 1 : 2,
    }
    const chosen = delimiter === 'auto' ? undefined : delimiter
    this.#delimiter =
      chosen ?? separator?.delimiter ?? (delimiter === 'auto' ? discoverDelimiter(text) : ',')
    if (columns !== undefined) this.form = { delimiter: this.#delimiter, columns }
    this.#restart()
    return true
  }

  /** A parser that begins where the next row does. */
  #restart(): void {
    this.#base = this.#at.byte
    this.#fedTo = this.#at.byte
    this.#emptyLines = 0
    this.#parser = new Parser({
      ...this.#parseOptions,
      // Taken here and kept out of the stream (null), whose error would drop the rows still inside it.
      on_record: (fields: string[], info: { bytes: number; empty_lines: number }): null => {
        this.#take(fields, info.bytes, info.empty_lines)
        return null
      },
    })
    // Every error also reaches the callback of the write that caused it.
    this.#parser.on('error', () => undefined)
  }

  get #parseOptions() {
    return {
      ...parseOptions(this.#delimiter as string),
      max_record_size: MAX_RECORD_CHARACTERS,
    }
  }

  async #parse(ended: boolean): Promise<Error | undefined> {
    const bytes = this.#held.slice(this.#fedTo)
    this.#fedTo += bytes.length
    const feed = (give: (done: (error?: Error | null) => void) => void) =>
      new Promise<Error | undefined>((resolve) => give((error) => resolve(error ?? undefined)))
    const error =
      bytes.length > 0 ? await feed((done) => this.#parser.write(bytes, done)) : undefined
    if (error !== undefined || !ended || this.#fedTo === this.#base) return error
    return feed((done) => this.#parser.end(done))
  }

  /** Throws for a header that is none; csv-parse then stops there. */
  #take(fields: string[], bytes: number, emptyLines: number): void {
    const from = this.#at.byte
    const line = this.#at.line + emptyLines - this.#emptyLines
    const breaks = fields.reduce((count, field) => count + countLineBreaks(field), 0)
    this.#emptyLines = emptyLines
    this.#at = { byte: this.#base + bytes, line: line + 1 + breaks }
    const marked = this.#takeMark(fields)
    const raw = () => this.#held.slice(from, this.#at.byte)
    const foreign = fields.some((field) => field.includes('\uFFFD')) && !utf8Text(raw())
    const problem = foreign ? 'found bytes that are not UTF-8; expected UTF-8' : undefined
    if (this.form === undefined) {
      if (problem !== undefined) throw new InvalidRecordError(line, problem)
      const delimiter = this.#delimiter as string
      const written = { delimiter, quoted: startsQuoted(raw()) }
      this.form = { delimiter, columns: requireHeader(fields, line, written) }
      this.#first = false
      return
    }
    if ((marked || this.#first) && this.#namesColumns(fields, line, marked, raw)) return
    const record = problem ?? recordOf(fields, this.form.columns)
    if (typeof record === 'string') this.#pass(line, record, raw())
    else this.#rows.push([{ line, record }, this.#cursor])
  }

  /** True when the first row of a file is a header that is known already. */
  #namesColumns(
    fields: readonly string[],
    line: number,
    marked: boolean,
    raw: () => Uint8Array,
  ): boolean {
    const { columns, delimiter } = this.form as CsvForm
    const first = this.#first
    this.#first = false
    if (fields.length === columns.length && fields.every((field, at) => field === columns[at]))
      return true
    if (first && columns.length > 1)
      requireSeveral(fields, line, { delimiter, quoted: startsQuoted(raw()) })
    if (!marked || this.#options.columns !== undefined) return false
    throw new InvalidRecordError(
      line,
      `found a byte order mark within the file, as if another one began here; expected its header to be ${columns.join(', ')}`,
    )
  }

  /** Takes off the mark with which another file begins within this one. */
  #takeMark(fields: string[]): boolean {
    const marked = this.#marked || fields[0]?.startsWith(BYTE_ORDER_MARK) === true
    if (marked && !this.#marked) fields[0] = (fields[0] as string).slice(1)
    this.#marked = false
    return marked
  }

  #pass(line: number, problem: string, raw: Uint8Array): void {
    const error = new InvalidRecordError(line, `${problem}${thatBegins(raw)}`)
    this.#rows.push(new Unreadable(this.#cursor, error))
  }

  get #cursor(): CsvCursor {
    const { etag } = this.#options
    return etag === undefined ? this.#at : { ...this.#at, etag }
  }

  /**
   * Goes on behind a row with a quote out of place, which ends with its line. False while the line's end
   * has not arrived. Throws where the row does not end with its line, so that nobody knows where the
   * next one begins.
   */
  #passOver(error: Error, ended: boolean): boolean {
    const problem = PROBLEMS[(error as CsvError).code]
    if (error instanceof InvalidRecordError || problem === undefined) throw error
    const rest = this.#held.slice(this.#at.byte)
    const [start, emptyLines] = behindLineBreaks(rest)
    const line = this.#at.line + emptyLines
    // A quote behind a mark: csv-parse takes the mark for the field's text.
    if (isMarked(rest.subarray(start)) && !this.#marked) {
      this.#marked = true
      this.#at = { byte: this.#at.byte + start + BYTE_ORDER_MARK_BYTES, line }
      return true
    }
    const [end, next] = lineEnd(rest, start, ended)
    if (end < 0 && rest.length - start <= MAX_RECORD_CHARACTERS) return false
    const row = rest.subarray(start, end < 0 ? rest.length : end)
    if (!this.#isBrokenWithin(row)) throw new InvalidRecordError(line, problem + thatBegins(row))
    this.#at = { byte: this.#at.byte + next, line: line + 1 }
    if (this.form === undefined)
      throw new InvalidRecordError(line, problem + thatBegins(row) + behindQuote(row))
    this.#first = false
    this.#marked = false
    this.#pass(line, problem, row)
    return true
  }

  /** True when a line has the fault itself, and not only together with what follows. */
  #isBrokenWithin(line: Uint8Array): boolean {
    try {
      parse(line, this.#parseOptions)
      return false
    } catch (error) {
      return WITHIN_A_LINE.has((error as CsvError).code)
    }
  }
}

const PROBLEMS: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'the file ends within a quoted field; expected a closing quote',
  CSV_INVALID_CLOSING_QUOTE:
    'found text after a closing quote; expected a comma or a line break (a quote within a field is doubled)',
  INVALID_OPENING_QUOTE:
    'found a quote within an unquoted field; expected the whole field in quotes',
  CSV_MAX_RECORD_SIZE: `the row is longer than ${MAX_RECORD_CHARACTERS} characters; is a quote not closed?`,
}
const WITHIN_A_LINE = new Set(['CSV_INVALID_CLOSING_QUOTE', 'INVALID_OPENING_QUOTE'])

/** The fields by their columns, or what is wrong with them. */
function recordOf(
  fields: readonly string[],
  columns: readonly string[],
): Record<string, string> | string {
  const named = namedCount(columns)
  const superfluous = fields.slice(columns.length)
  if (fields.length < named || superfluous.some((field) => field !== ''))
    return `found ${fields.length} fields; expected ${columns.length} (${columns.join(', ')})`
  // A single column without a name keeps its field; several cannot be known apart.
  const nameless = columns.length - named > 1 ? fields.slice(named) : []
  const value = nameless.find((field) => field !== '')
  if (value !== undefined) return `found ${JSON.stringify(value)} in a column without a name`
  return Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? '']))
}

function countLineBreaks(field: string): number {
  if (!field.includes('\n') && !field.includes('\r')) return 0
  return field.match(/\r\n|\n|\r/g)?.length ?? 0
}
