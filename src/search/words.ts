import type { RunLabel } from '../engine/store/d1/run-filter.ts'

/** A part of a label's value has at least so many characters, or too many labels would have it. */
export const LEAST_PART = 3
/** So many digits of an id tell it from a word. */
const LEAST_OF_ID = 6
/** Each word is a condition of its own. */
export const MAX_WORDS = 12

/** A word that somebody has typed to find runs by, and what its form allows it to mean. */
export interface Word {
  /** In lower case. */
  text: string
  /** The word as it would be written in indexed texts: SQLite's own lower case leaves all but ASCII as it is. */
  spellings: readonly string[]
  /** It reads `name:value` or `name=value`. */
  label?: RunLabel
  /** It may be the beginning of an id. */
  idStart?: string
}

/**
 * The words of a search, each once. Beside longer ones a word that is too short to be looked for narrows down nothing:
 * else nobody could paste an error, since few have no `is` and no `of`.
 */
export function wordsOf(typed: string): Word[] {
  const texts = textsOf(typed)
  const long = texts.filter((text) => text.length >= LEAST_PART)
  return (long.length > 0 ? long : texts).map(wordOf)
}

/** True for more words than are looked for. */
export function hasTooManyWords(typed: string): boolean {
  return textsOf(typed).length > MAX_WORDS
}

function textsOf(typed: string): string[] {
  return [...new Set(typed.split(/\s+/u))].filter((text) => text !== '')
}

function wordOf(typed: string): Word {
  const text = typed.toLowerCase()
  const [, name, value] = /^([^:=]+)[:=](.+)$/u.exec(typed) ?? []
  return {
    text,
    spellings: spellingsOf(typed),
    ...(name !== undefined &&
      value !== undefined && { label: { name: name.toLowerCase(), value } }),
    ...(isStartOfId(text) && { idStart: text }),
  }
}

/** As SQLite may have written it: `MÜLLER`, `Müller` and `müller` are `mÜller` or `müller` to it. */
export function spellingsOf(typed: string): string[] {
  return [...new Set([typed, typed.toLowerCase(), typed.toUpperCase()].map(lowerAscii))]
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function isStartOfId(text: string): boolean {
  return /^[0-9a-f]+$/.test(text) && text.length >= LEAST_OF_ID && text.length <= 32
}
