import { enumerator, type Enumerator, type Page } from './enumerator.ts'
import { InvalidRecordError } from './invalid-record.ts'
import { requireCount } from './keyset.ts'
import { chunks, R2File, type FileOptions, type FilePosition } from './r2-file.ts'

/** A line of a file, and the JSON value it holds. */
export interface JsonLine<Value = unknown> {
  /** As an editor counts, from 1. */
  readonly line: number
  /** As parsed; its type is only claimed, so check what comes from outside. */
  readonly value: Value
}

export interface JsonLinesOptions extends FileOptions {
  /** What a line may have at most: no more than this and a chunk is ever in memory. @default 1_048_576 */
  maxLineBytes?: number
}

/**
 * Walks a file in R2 that has one JSON value in each line (JSON Lines, NDJSON), in UTF-8. Lines end in
 * LF or CRLF, the last one may end with the file; empty lines are passed over, and so is a byte order
 * mark. A resumed walk reads from its line's byte on and parses nothing before it. The file must stay
 * as it is, as with `csv`. Cursor: where the next line begins. Size: null.
 *
 * Throws `InvalidRecordError`, once the lines before it are done, for a line that is not JSON, not
 * UTF-8, or too long.
 */
export function jsonLines<Value = unknown>(
  bucket: R2Bucket,
  key: string,
  options: JsonLinesOptions,
): Enumerator<JsonLine<Value>, FilePosition> {
  const file = new R2File('jsonLines', bucket, key, options)
  const limit = requireCount('jsonLines', 'maxLineBytes', options.maxLineBytes ?? 1024 * 1024)
  return enumerator(
    async function* () {
      const lines = new LineSplitter(file.start ?? { byte: 0, line: 1 })
      const opened = await file.open()
      for await (const chunk of chunks(opened, file.start?.byte ?? 0, file.chunkBytes)) {
        yield parsed<Value>(lines.write(chunk), limit)
        if (lines.heldBytes > limit) throw tooLong(lines.line, limit)
      }
      yield parsed<Value>(lines.end(), limit)
    },
    async () => null,
  )
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
  /** How much there is of a line that has not ended yet. */
  heldBytes = 0

  constructor(start: FilePosition) {
    this.#position = start
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
    this.#position = { byte: byte + bytes.length + breakBytes, line: line + 1 }
    return { bytes, line, after: this.#position }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Lazily, so that the lines before a broken one are handled before it is met. */
function* parsed<Value>(
  lines: readonly Line[],
  limit: number,
): Page<JsonLine<Value>, FilePosition> {
  for (const { bytes, line, after } of lines) {
    if (bytes.length > limit) throw tooLong(line, limit)
    const text = textOf(bytes, line)
    if (text.trim() === '') continue
    yield [{ line, value: valueOf(text, line) as Value }, after]
  }
}

// The mark is kept by the decoder and taken off here: within a file it would be part of the text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const BYTE_ORDER_MARK = '\uFEFF'

function textOf(bytes: Uint8Array, line: number): string {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (cause) {
    throw new InvalidRecordError(line, 'found bytes that are not UTF-8', { cause })
  }
  return line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

function valueOf(text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The runtime's message quotes the text it stumbled over.
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new InvalidRecordError(line, `expected one JSON value; ${problem}`, { cause })
  }
}

function tooLong(line: number, limit: number): InvalidRecordError {
  return new InvalidRecordError(
    line,
    `the line is longer than ${limit} bytes; expected one JSON value in each line`,
  )
}
