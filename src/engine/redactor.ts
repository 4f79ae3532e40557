import { isRecord } from './record.ts'

/**
 * Masks sensitive values wherever they stand in what is stored, shown or logged about a run: whole values,
 * in the forms in which texts repeat them, and the beginnings that are left of them where a text was cut.
 */

/** Shown in the place of a sensitive value. */
export const MASK = '[sensitive]'

/** Masks sensitive values within any text of what it is given: an error's message may repeat them. */
export type Redact = <T>(shown: T) => T

/** Nothing is sensitive. */
export const showAll: Redact = (shown) => shown

/** Shorter values occur in any text by chance. */
const MIN_SOUGHT = 4
/** A beginning of a value is masked from this length on: anywhere, at the end of a text or a part of it, and before a mark of cutting. */
const MIN_BEGINNING = { anywhere: 12, atEnd: 8, beforeMark: MIN_SOUGHT }
/** Of a value in several lines (a key in PEM, say), texts may repeat single ones. */
const MIN_LINE = 16
/** The Base64 of fewer bytes occurs by chance. */
const MIN_BASE64 = 8

/** Words of the engine itself. A value that is the same word is none to be hidden. */
const OWN_WORDS = new Set(
  'id run job style type status reason outcome codeVersion parent redriveOf forkOf children at'.split(
    ' ',
  ),
)
/** Places where numbers are somebody's data, and no counts. */
const DATA = new Set(
  'params result cursor fromCursor toCursor nestedSteps expected actual labels interrupt fields'.split(
    ' ',
  ),
)

/** Masks these values: texts, numbers, bigints and Dates, whatever they are part of. */
export function redactorFor(values: readonly unknown[]): Redact {
  const leaves = leavesOf(values)
  const plain = leaves.flatMap(textsOf)
  // A text of digits may come back as a number.
  const digits = plain.filter((text) => String(Number(text)) === text)
  const numbers = [...leaves.flatMap(numbersOf), ...digits].filter(isSought)
  const texts = [...new Set(plain.filter(isSought).flatMap(formsOf))]
    .filter(isSought)
    .sort((a, b) => b.length - a.length)
  if (texts.length === 0 && numbers.length === 0) return showAll
  const sought = texts.map((text) => new Sought(text))
  const number = numbers.length === 0 ? undefined : numbersIn(numbers)

  const redactText = (given: string): string => {
    let text = given
    for (const one of sought) text = one.maskWhole(text)
    for (const one of sought) text = one.maskBeginnings(text)
    text = text.replace(CUT_OUT, (cut: string, piece: string) =>
      plain.some((one) => isSought(one) && one.includes(piece))
        ? cut.replace(piece, () => MASK)
        : cut,
    )
    return number ? text.replace(number, MASK) : text
  }
  const redact = (value: unknown, isData: boolean): unknown => {
    if (typeof value === 'string') return redactText(value)
    if (typeof value === 'number') return isData && numbers.includes(String(value)) ? MASK : value
    if (Array.isArray(value)) return value.map((item) => redact(item, isData))
    if (!isRecord(value)) return value
    const entries = Object.entries(value).map(([key, item]): [string, unknown] =>
      !isData && OWN_WORDS.has(key)
        ? [key, item]
        : [isData ? redactText(key) : key, redact(item, isData || DATA.has(key))],
    )
    return Object.fromEntries(entries)
  }
  return <T>(shown: T) => redact(shown, false) as T
}

/** A runtime's excerpt of a text that is no JSON: some characters around the place, with marks of cutting. */
const CUT_OUT = /(?:\.\.\.|…)["'`]?([^\n]{4,60}?)["'`]?(?:\.\.\.|…)/g

/** A mark of cutting, which may stand behind a closing quote. */
const CUT_HERE = /^["'`]?(?:…|\.\.\.)/

/** A text to be masked. */
class Sought {
  readonly #text: string
  readonly #head: string

  constructor(text: string) {
    this.#text = text
    this.#head = text.slice(0, MIN_SOUGHT)
  }

  maskWhole(text: string): string {
    return text.replaceAll(this.#text, MASK)
  }

  maskBeginnings(text: string): string {
    let masked = ''
    let from = 0
    for (let at = text.indexOf(this.#head); at >= 0; at = text.indexOf(this.#head, at + 1)) {
      if (at < from) continue
      const end = at + this.#matching(text, at)
      if (end - at < this.#least(text, end)) continue
      masked += text.slice(from, at) + MASK
      from = end
    }
    return masked + text.slice(from)
  }

  #matching(text: string, at: number): number {
    let length = MIN_SOUGHT
    while (length < this.#text.length && text[at + length] === this.#text[length]) length += 1
    return length
  }

  #least(text: string, end: number): number {
    if (CUT_HERE.test(text.slice(end, end + 4))) return MIN_BEGINNING.beforeMark
    return end === text.length || /[\n;]/.test(text.charAt(end))
      ? MIN_BEGINNING.atEnd
      : MIN_BEGINNING.anywhere
  }
}

/** Digits that are no part of a longer number. */
function numbersIn(numbers: readonly string[]): RegExp {
  const any = numbers.map((number) => number.replaceAll(/[.+]/g, '\\$&')).join('|')
  return new RegExp(`(?<![\\d.])(?:${any})(?!\\d|\\.\\d)`, 'g')
}

/** A text as it is repeated: as it is, in JSON, in a URL or form, in Base64; line by line. */
function formsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.length >= MIN_LINE)
  const json = JSON.stringify(text).slice(1, -1)
  return [
    text,
    text.trim(),
    ...lines,
    json,
    JSON.stringify(json).slice(1, -1),
    ascii(json),
    ...inUrl(text),
    ...inUrl(encodeURIComponent(text.toWellFormed())),
    inHtml(text),
    inHtml(text).replaceAll('&#39;', '&apos;'),
    hex(text),
    hex(text).toUpperCase(),
    ...base64(text),
  ]
}

/** JSON as some write it, with an escape for all that is not ASCII. */
function ascii(json: string): string {
  return json.replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function inUrl(text: string): string[] {
  const sound = text.toWellFormed()
  const encoded = encodeURIComponent(sound)
  const form = new URLSearchParams({ '': sound }).toString().slice(1)
  return [encoded, encodeURI(sound), form, lowerEscapes(encoded), lowerEscapes(form)]
}

function lowerEscapes(encoded: string): string {
  return encoded.replaceAll(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase())
}

function inHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function hex(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Base64 of any text that holds this one: three bytes become four letters, so it may begin at each of three places. */
function base64(text: string): string[] {
  const bytes = new TextEncoder().encode(text)
  return [0, 1, 2].flatMap((before) => {
    const whole = btoa(String.fromCharCode(...new Uint8Array(before), ...bytes.slice(0, 4_096)))
    // Letters that also hold bits of what stands before or after are not known.
    const known = whole.slice(before === 0 ? 0 : before + 1, knownEnd(before + bytes.length))
    return known.length < MIN_BASE64 ? [] : [known, known.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

function knownEnd(bytes: number): number {
  return Math.floor((Math.min(bytes, 4_096) * 8) / 6)
}

/** What a value is made of, in depth. */
function leavesOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf)
  return isRecord(value) && !(value instanceof Date)
    ? Object.values(value).flatMap(leavesOf)
    : [value]
}

function textsOf(leaf: unknown): string[] {
  if (leaf instanceof Date) return datesOf(leaf)
  return typeof leaf === 'string' ? [leaf] : []
}

/** As code writes a date into a text. One that is invalid is nobody's. */
function datesOf(date: Date): string[] {
  if (Number.isNaN(date.getTime())) return []
  const iso = date.toISOString()
  return [iso, iso.slice(0, 10), String(date), date.toUTCString()]
}

function numbersOf(leaf: unknown): string[] {
  if (leaf instanceof Date) return [String(leaf.getTime())]
  return typeof leaf === 'number' || typeof leaf === 'bigint' ? [String(leaf)] : []
}

function isSought(text: string): boolean {
  return text.length >= MIN_SOUGHT
}
