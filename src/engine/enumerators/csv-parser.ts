import { type CsvError, Parser } from 'csv-parse'
import type { Page } from './enumerator.ts'
import { InvalidRecordError } from './invalid-record.ts'
import type { FilePosition } from './r2-file.ts'

export { InvalidRecordError } from './invalid-record.ts'

/** A row of a CSV file: its fields by column name, and the line of the file where it begins. */
export interface CsvRow {
  /** As an editor counts: the header is line 1, and a line break within quotes counts too. */
  readonly line: number
  readonly record: Readonly<Record<string, string>>
}

/** Where the next row begins. */
export type CsvCursor = FilePosition

/** Stops a quote that is never closed from gathering the rest of the file in memory. */
const MAX_RECORD_CHARACTERS = 1_000_000
const FILE_START: CsvCursor = { byte: 0, line: 1 }

/**
 * CSV as in RFC 4180 and UTF-8, parsed as its bytes arrive, from the file's start or from any row.
 * Lines end in LF, CRLF or CR; empty lines are passed over; the first row names the columns.
 */
export class CsvParser {
  /** The header's names; undefined until it has been read. */
  columns: readonly string[] | undefined
  readonly #parser: Parser
  readonly #start: CsvCursor
  #line: number
  #emptyLines = 0
  #rows: (readonly [CsvRow, CsvCursor])[] = []
  #fed = false

  constructor(resume?: { cursor: CsvCursor; columns: readonly string[] }) {
    this.#start = resume?.cursor ?? FILE_START
    this.#line = this.#start.line
    this.columns = resume?.columns
    this.#parser = new Parser({
      bom: this.#start.byte === 0,
      // Named, not discovered: a resumed parser must not guess anew.
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: MAX_RECORD_CHARACTERS,
      // Taken here and kept out of the stream (null), whose error would drop the rows still inside it.
      on_record: (fields: string[], info: { bytes: number; empty_lines: number }): null => {
        this.#take(fields, info.bytes, info.empty_lines)
        return null
      },
    })
    // Every error also reaches the callback of the write that caused it.
    this.#parser.on('error', () => undefined)
  }

  /** The rows that this chunk completes, each with the cursor after it; then throws if a row is broken. */
  async *write(chunk: Uint8Array): AsyncGenerator<Page<CsvRow, CsvCursor>, void> {
    this.#fed = true
    yield* this.#parse((done) => this.#parser.write(chunk, done))
  }

  /** The last row, when no line break ends it; then throws if it is broken, or the header is missing. */
  async *end(): AsyncGenerator<Page<CsvRow, CsvCursor>, void> {
    if (this.#fed) yield* this.#parse((done) => this.#parser.end(done))
    if (this.columns === undefined) {
      throw new InvalidRecordError(1, 'found no header; expected the names of the columns')
    }
  }

  async *#parse(
    feed: (done: (error?: Error | null) => void) => void,
  ): AsyncGenerator<Page<CsvRow, CsvCursor>, void> {
    const error = await new Promise<Error | null | undefined>((resolve) => feed(resolve))
    const rows = this.#rows
    this.#rows = []
    yield rows
    if (error) throw error instanceof InvalidRecordError ? error : this.#explain(error as CsvError)
  }

  /** Throws for a row that does not fit; csv-parse then stops there. */
  #take(fields: readonly string[], bytes: number, emptyLines: number): void {
    const line = this.#lineAfterEmptyOnes(emptyLines)
    this.#emptyLines = emptyLines
    this.#line = line + 1 + fields.reduce((breaks, field) => breaks + countLineBreaks(field), 0)
    if (this.columns === undefined) {
      // A byte order mark switches csv-parse to UTF-16, of which a resumed parser would know nothing.
      if (this.#parser.options.encoding !== 'utf8') {
        throw new InvalidRecordError(line, 'the file is in UTF-16; expected UTF-8')
      }
      this.columns = requireDistinct(fields, line)
      return
    }
    if (fields.length !== this.columns.length) {
      throw new InvalidRecordError(
        line,
        `found ${fields.length} fields; expected ${this.columns.length} (${this.columns.join(', ')})`,
      )
    }
    const record = Object.fromEntries(
      this.columns.map((column, index) => [column, fields[index] as string]),
    )
    this.#rows.push([
      { line, record },
      { byte: this.#start.byte + bytes, line: this.#line },
    ])
  }

  // csv-parse's own info.lines counts a CRLF within quotes twice; its count of empty lines is right.
  #lineAfterEmptyOnes(emptyLines: number): number {
    return this.#line + emptyLines - this.#emptyLines
  }

  #explain(error: CsvError): Error {
    const problem = PROBLEMS[error.code]
    if (problem === undefined) return error
    return new InvalidRecordError(this.#lineAfterEmptyOnes(this.#parser.info.empty_lines), problem)
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

function countLineBreaks(field: string): number {
  if (!field.includes('\n') && !field.includes('\r')) return 0
  return field.match(/\r\n|\n|\r/g)?.length ?? 0
}

function requireDistinct(columns: readonly string[], line: number): readonly string[] {
  const double = columns.find((column, index) => columns.indexOf(column) !== index)
  if (double === undefined) return columns
  throw new InvalidRecordError(
    line,
    `the header names ${JSON.stringify(double)} twice; expected distinct columns`,
  )
}
