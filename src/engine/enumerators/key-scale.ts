import type { Key, KeyValue } from './keys.ts'

/** A number tells so many bits of a text apart. */
const BITS = 52

/** Values of a column as places along a line. */
interface Scale {
  place(value: KeyValue): number
  value(place: number): KeyValue
}

/**
 * Where keys lie between two others: by the first column in which these two differ, numbers as they are, texts
 * by the characters that follow what both begin with. Only a guess of how D1 orders them: nothing depends on it
 * but how evenly a walk is cut.
 */
export class KeyScale {
  /** The characters of texts, in their order. */
  readonly #alphabet: readonly string[]

  constructor(sample: readonly Key[]) {
    const texts = sample.flat().filter((value) => typeof value === 'string')
    this.#alphabet = [...new Set(texts.join(''))].sort()
  }

  /**
   * The share of the way from one key to another that is between the first and the last of some keys on it;
   * undefined when that is not to be told. Where they are alike in the column the next one tells: of days with
   * many rows the numbers of rows mostly grow, too.
   */
  share(from: Key, to: Key, keys: readonly Key[]): number | undefined {
    for (let column = Math.max(0, differing(from, to)); column < from.length; column++) {
      const values = keys.map((key) => key[column] as KeyValue)
      // Of fewer values none has been seen with all of its rows.
      if (new Set(values).size < 3) continue
      const scale = this.#scale(from[column], to[column])
      if (!scale) return undefined
      const place = (value: KeyValue | undefined) => scale.place(value as KeyValue)
      const taken = place(values.at(-1)) - place(values[0])
      const share = Math.abs(taken / (place(to[column]) - place(from[column])))
      return share > Number.EPSILON && share <= 1 ? share : undefined
    }
    return undefined
  }

  /** Keys that part the way from one key to another into equal stretches. */
  between(from: Key, to: Key, stretches: number): Key[] {
    const column = differing(from, to)
    if (column < 0) return []
    const scale = this.#scale(from[column], to[column])
    // Numbers and texts in one column: texts begin with the empty one.
    if (!scale) return [from.with(column, '')]
    const low = scale.place(from[column] as KeyValue)
    const high = scale.place(to[column] as KeyValue)
    return Array.from({ length: stretches - 1 }, (_, index) => {
      const share = (index + 1) / stretches
      // Not by their difference, which may be beyond all numbers.
      return from.with(column, scale.value(low * (1 - share) + high * share))
    })
  }

  #scale(from: KeyValue | undefined, to: KeyValue | undefined): Scale | undefined {
    if (typeof from === 'number' && typeof to === 'number')
      return { place: Number, value: (place) => place }
    if (typeof from !== 'string' || typeof to !== 'string') return undefined
    const start = commonStart(Array.from(from), Array.from(to))
    return {
      place: (value) => this.#placeOf(String(value).slice(start.length)),
      value: (place) => start + this.#textAt(place),
    }
  }

  /** A text as a fraction in the base of the alphabet. */
  #placeOf(text: string): number {
    let place = 0
    let weight = 1
    for (const char of Array.from(text).slice(0, this.#digits)) {
      weight /= this.#base
      const digit = this.#alphabet.findIndex((known) => known >= char) + 1
      place += weight * (digit || this.#alphabet.length)
    }
    return place
  }

  #textAt(place: number): string {
    let text = ''
    for (let rest = place; text.length < this.#digits; rest -= Math.floor(rest)) {
      rest *= this.#base
      const char = this.#alphabet[Math.floor(rest) - 1]
      // 0 stands for the end of a text.
      if (char === undefined) break
      text += char
    }
    return text
  }

  get #base(): number {
    return this.#alphabet.length + 1
  }

  get #digits(): number {
    return Math.floor(BITS / Math.log2(this.#base))
  }
}

function differing(one: Key, other: Key): number {
  return one.findIndex((value, column) => value !== other[column])
}

function commonStart(one: readonly string[], other: readonly string[]): string {
  const end = one.findIndex((char, index) => char !== other[index])
  return one.slice(0, end < 0 ? one.length : end).join('')
}
