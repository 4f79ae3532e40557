import { ensureError } from '../errors.ts'
import { Unreadable, type Enumerator, type Pair } from './enumerator.ts'
import { BYTE_ORDER_MARK, textOnly, utf8Text } from './file-text.ts'
import { joined } from './held-bytes.ts'
import { InvalidRecordError, thatBegins } from './invalid-record.ts'
import {
  jsonProblem,
  JsonProblem,
  parseJson,
  requireLargeIntegers,
  type LargeIntegers,
} from './json-value.ts'
import { requireCount } from './keyset.ts'
import { chunks, R2File, type FileOptions, type FilePosition } from './r2-file.ts'
import { recordEnumerator } from './record-enumerator.ts'

/** A line of a file, and the JSON value it holds. */
export interface JsonLine<Value = unknown> {
  /** As an editor counts, from 1. */
  readonly line: number
  /** As parsed; its type is only claimed, so check what comes from outside. */
  readonly value: Value
}

export interface JsonLinesOptions extends FileOptions {
  /** The longest line: no more than this and a chunk is ever in memory. @default 1_048_576 */
  maxLineBytes?: number
  /**
   * Whole numbers beyond 2^53 - 1, which JavaScript cannot hold: a line with one cannot be read, or
   * they are kept as the text of their digits. @default 'refuse'
   */
  largeIntegers?: LargeIntegers
}

/**
 * Walks a file in R2 that has one JSON value in each line (JSON Lines, NDJSON), in UTF-8. Lines end in
 * LF or CRLF, the last one may end with the file; empty lines are passed over, and so is a byte order
 * mark. A resumed walk reads from its line's byte on and parses nothing before it. The file must stay
 * as it is, as with `csv`. Cursor: where the next line begins. Size: null.
 *
 * A line that is not one JSON value in UTF-8, or has numbers or halves of characters that would not stay
 * what they are, counts as an item that failed, with an `InvalidRecordError` that names the line: `skip`
 * may pass it over. Throws that error, once the lines before it are done, for a line that is too long,
 * and for a file that is no text in UTF-8.
 */
export function jsonLines<Value = unknown>(
  bucket: R2Bucket,
  key: string,
  options: JsonLinesOptions,
): Enumerator<JsonLine<Value>, FilePosition> {
  const file = new R2File('enumerators.jsonLines', bucket, key, options)
  const limit = requireCount(
    'enumerators.jsonLines',
    'maxLineBytes',
    options.maxLineBytes ?? 1024 * 1024,
  )
  const largeIntegers = requireLargeIntegers('jsonLines', options.largeIntegers)
  return recordEnumerator(async function* () {
    const opened = await file.open()
    const lines = new LineSplitter(file.start ?? { byte: 0, line: 1 }, opened.etag)
    const parsed = (found: readonly Line[]) => parsedLines<Value>(found, limit, largeIntegers)
    const bytes = chunks(opened, file.start?.byte ?? 0, file.chunkBytes)
    for await (const chunk of file.start === null ? textOnly(bytes) : bytes) {
      yield parsed(lines.write(chunk))
      if (lines.heldBytes > limit) throw tooLong(lines.line, limit)
    }
    yield parsed(lines.end())
  })
}

interface Line {
  readonly bytes: Uint8Array
  readonly line: number
  readonly after: FilePosition
}

const LINE_FEED = 0x0a

/** Cuts bytes into lines as they arrive. */
class LineSplitter {
  #position: FilePosition
  #held: Uint8Array[] = []
  /** Bytes of a line that has not ended yet. */
  heldBytes = 0

  constructor({ byte, line }: FilePosition, etag: string | undefined) {
    this.#position = { byte, line, ...(etag !== undefined && { etag }) }
  }

  /** The line that comes next. */
  get line(): number {
    return this.#position.line
  }

  /** The lines that this chunk completes. */
  write(chunk: Uint8Array): Line[] {
    const lines: Line[] = []
    let from = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      lines.push(this.#cut(chunk.subarray(from, end), 1))
      from = end + 1
    }
    if (from < chunk.length) {
      this.#held.push(chunk.subarray(from))
      this.heldBytes += chunk.length - from
    }
    return lines
  }

  /** The last line, when no line break ends it. */
  end(): Line[] {
    return this.heldBytes > 0 ? [this.#cut(new Uint8Array(), 0)] : []
  }

  #cut(tail: Uint8Array, breakBytes: number): Line {
    const bytes = this.#held.length === 0 ? tail : joined([...this.#held, tail])
    this.#held = []
    this.heldBytes = 0
    const { byte, line } = this.#position
    this.#position = { ...this.#position, byte: byte + bytes.length + breakBytes, line: line + 1 }
    return { bytes, line, after: this.#position }
  }
}

/** Lazily, so that the lines before a broken one are handled before it is met. */
function* parsedLines<Value>(
  lines: readonly Line[],
  limit: number,
  largeIntegers: LargeIntegers,
): Generator<Pair<JsonLine<Value>, FilePosition> | Unreadable<FilePosition>> {
  for (const { bytes, line, after } of lines) {
    if (bytes.length > limit) throw tooLong(line, limit)
    let value: unknown
    try {
      const text = textOf(bytes, line)
      if (text.trim() === '') continue
      value = parseJson(text, largeIntegers)
    } catch (error) {
      yield new Unreadable(after, unreadable(error, line, bytes))
      continue
    }
    yield [{ line, value: value as Value }, after]
  }
}

// The mark is kept by the decoder and taken off here: within a file it would be part of the text.
function textOf(bytes: Uint8Array, line: number): string {
  const text = utf8Text(bytes)
  if (text === undefined)
    throw new InvalidRecordError(line, 'found bytes that are not UTF-8', {
      cause: new Error(`The line cannot be read${thatBegins(bytes)}`),
    })
  return line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

function unreadable(error: unknown, line: number, bytes: Uint8Array): Error {
  if (!(error instanceof JsonProblem)) return ensureError(error)
  return new InvalidRecordError(line, `${jsonProblem(error)}${thatBegins(bytes)}`, {
    cause: error.cause,
  })
}

function tooLong(line: number, limit: number): InvalidRecordError {
  return new InvalidRecordError(
    line,
    `the line is longer than ${limit} bytes; expected one JSON value in each line`,
  )
}
