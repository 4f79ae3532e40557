import { joined } from './held-bytes.ts'
import { InvalidRecordError } from './invalid-record.ts'

/** First bytes, as Latin-1, of files that are no text in UTF-8, whatever their names say. */
const BEGINNINGS: readonly (readonly [form: string, bytes: string])[] = [
  ['compressed (gzip)', '\x1f\x8b'],
  ['compressed (compress)', '\x1f\x9d'],
  ['compressed (zstd)', '\x28\xb5\x2f\xfd'],
  ['compressed (xz)', '\xfd7zX'],
  ['compressed (bzip2)', 'BZh91AY'],
  ['an archive (7z)', "7z\xbc\xaf'\x1c"],
  ['an archive or a spreadsheet (zip, xlsx, ods)', 'PK\x03\x04'],
  ['an archive without content (zip)', 'PK\x05\x06'],
  ['a spreadsheet of Excel 97 (xls)', '\xd0\xcf\x11\xe0'],
  ['compressed (lz4)', '\x04\x22\x4d\x18'],
  ['a database of SQLite', 'SQLite format 3'],
  ['in Parquet', 'PAR1\x15'],
  ['an archive (rar)', 'Rar!\x1a\x07'],
  ['a picture (PNG)', '\x89PNG'],
  ['a text with formats (RTF)', '{\\rtf'],
  ['a PDF', '%PDF-'],
  ['in UTF-32', '\xff\xfe\0\0'],
  ['in UTF-32', '\0\0\xfe\xff'],
  ['in UTF-16', '\xff\xfe'],
  ['in UTF-16', '\xfe\xff'],
]

/** Enough of a file for `requireText` to know it by. */
export const BEGINNING_BYTES = 16
const LOOKED_AT_BYTES = 1_024
/** Tab, line feed, form feed, carriage return, and the end of a file as DOS wrote it. What sets fields apart in ASCII comes behind them. */
const BLANKS = [0x09, 0x0a, 0x0c, 0x0d, 0x1a]

/**
 * Refuses a file whose first bytes say that it is no text in UTF-8: compressed, a spreadsheet, another
 * encoding, the page of a server that had no file to give. What sets fields apart may be a control
 * character, as in Hive's files. Throws `InvalidRecordError` for line 1.
 */
export function requireText(head: Uint8Array, delimiter?: string): void {
  const beginning = String.fromCharCode(...head.subarray(0, BEGINNING_BYTES))
  const form = BEGINNINGS.find(([, bytes]) => beginning.startsWith(bytes))?.[0]
  if (form !== undefined) throw foreign(form)
  const start = head.subarray(0, LOOKED_AT_BYTES)
  const controls = start.reduce((count, byte) => count + (isControl(byte, delimiter) ? 1 : 0), 0)
  // In UTF-16 each second byte is 0 with Latin letters, 3 with Greek and 4 with Cyrillic ones.
  if (controls * 5 > start.length) throw foreign('binary, or in UTF-16')
  // What is compressed without a beginning to know it by (zlib, Brotli) is bytes by chance.
  if (controls * 50 > start.length && !beginsLikeUtf8(start)) throw foreign('binary, or compressed')
  if (/^\s*<(!doctype|html|\?xml)[\s>]/i.test(new TextDecoder().decode(start)))
    throw foreign('a page of HTML or XML')
}

function isControl(byte: number, delimiter?: string): boolean {
  if (byte === delimiter?.charCodeAt(0)) return false
  return byte === 0x7f || (byte < 0x1c && !BLANKS.includes(byte))
}

/** True when the first bytes of a text may be UTF-8: its last character may go on beyond them. */
function beginsLikeUtf8(start: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(start, { stream: true })
    return true
  } catch {
    return false
  }
}

/** The same chunks, once the first of them have been found to be text. */
export async function* textOnly(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array()
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk
      continue
    }
    head = joined([head, chunk])
    if (head.length < BEGINNING_BYTES) continue
    requireText(head)
    yield head
    head = undefined
  }
  if (head === undefined) return
  requireText(head)
  yield head
}

function foreign(form: string): InvalidRecordError {
  const expected = form.includes('UTF') ? 'UTF-8' : 'plain text in UTF-8'
  return new InvalidRecordError(1, `the file is ${form}; expected ${expected}`)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of bytes in UTF-8, a byte order mark kept; undefined when they are something else. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** The mark that some programs put where a text in UTF-8 begins. */
export const BYTE_ORDER_MARK = '\uFEFF'

export const BYTE_ORDER_MARK_BYTES = 3

/** True for bytes that begin with the mark. */
export function isMarked(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}
