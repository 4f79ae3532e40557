import { BEGINNING_BYTES } from './file-text.ts'

/** From this much of a file its delimiter is found out: the same in every walk, whatever is read at once. */
export const HEAD_BYTES = 16 * 1024

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22

/** True when there is enough of a file to know its form. */
export function isHead(bytes: Uint8Array, sampled: boolean): boolean {
  if (bytes.length >= HEAD_BYTES) return true
  if (sampled || bytes.length < BEGINNING_BYTES) return false
  const [start] = behindLineBreaks(bytes)
  const [end, next] = lineEnd(bytes, start, false)
  return end >= 0 && next < bytes.length
}

/** The start of the text after empty lines, and their number. */
export function behindLineBreaks(bytes: Uint8Array): [start: number, lines: number] {
  let at = 0
  let lines = 0
  for (; bytes[at] === LF || bytes[at] === CR; at++)
    if (bytes[at] === LF || bytes[at + 1] !== LF) lines += 1
  return [at, lines]
}

/** The end of a line, and the start of the next one; -1 while that cannot be known. */
export function lineEnd(
  bytes: Uint8Array,
  from: number,
  ended: boolean,
): [end: number, next: number] {
  const end = bytes.findIndex((byte, at) => at >= from && (byte === LF || byte === CR))
  if (end < 0) return ended ? [bytes.length, bytes.length] : [-1, -1]
  if (bytes[end] === LF) return [end, end + 1]
  if (end + 1 === bytes.length && !ended) return [-1, -1]
  return [end, bytes[end + 1] === LF ? end + 2 : end + 1]
}

export function startsQuoted(row: Uint8Array): boolean {
  const [start] = behindLineBreaks(row)
  return row[start] === QUOTE
}
