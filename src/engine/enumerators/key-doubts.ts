import { describeValue } from '../errors.ts'
import { type Bound, type KeyedRows, keyPart, type KeyValue } from './keys.ts'
import { quoteName } from './sql-text.ts'

/** From here on a number is no INTEGER of SQLite, but a REAL, which comes as it is. */
const BEYOND_INTEGERS = 2 ** 63

/** Stands for bytes that are no UTF-8. */
const REPLACEMENT = '\uFFFD'

/**
 * Asks D1 about keys that it may see otherwise than JavaScript does: it compares texts by the column's
 * collation, and bytes and digits that have been lost on the way here. Only where a key looks like it:
 * most walks are never asked about.
 */
export class KeyDoubts {
  readonly #keys: KeyedRows
  /** Columns known to tell texts apart that differ in case, or in spaces at the end. */
  readonly #exact = new Set<string>()

  constructor(keys: KeyedRows) {
    this.#keys = keys
  }

  /**
   * Throws for rows that a walk cannot go on from, since it would meet them for ever or pass over
   * others. They are those of a page of at most `limit` rows after `bound`.
   */
  async requireUsable(rows: readonly unknown[], bound: Bound | null, limit: number): Promise<void> {
    if (rows.some((row) => this.#mayHaveLost(row))) await this.#requireWhole(bound, limit)
    const [first] = rows
    if (first === undefined || bound === null || bound.inclusive) return
    const { columns } = this.#keys
    if (columns.every((column, index) => keyPart(first, column) === bound.key[index])) {
      throw this.#keys.invalid(
        `the row after ${columns.join(', ')} = ${JSON.stringify(bound.key)} has the same key; expected the walk to move forward. Walk by a column that D1 gives as it compares it`,
      )
    }
  }

  /**
   * Throws when D1 takes the keys of two rows, one after the other, for the same (NOCASE, RTRIM). Of every
   * `unit` rows the last one and the one after it.
   */
  async requireApart(rows: readonly unknown[], unit: number): Promise<void> {
    for (let index = unit - 1; index + 1 < rows.length; index += unit) {
      const row = rows[index]
      const next = rows[index + 1]
      // Synchronously, because nearly every row is told apart here.
      if (!this.#alike(row, next)) continue
      const [one, other] = [this.#keys.after(row).key, this.#keys.after(next).key]
      if (!(await this.#tied(one, other))) continue
      throw this.#keys.twoRows(
        `${JSON.stringify(one)} and ${JSON.stringify(other)}, which are the same to D1`,
      )
    }
  }

  /** True for two keys that differ only in what a collation may pass over. */
  #alike(row: unknown, next: unknown): boolean {
    let differing = 0
    for (const column of this.#keys.columns) {
      const [one, other] = [keyPart(row, column), keyPart(next, column)]
      if (one === other && one !== null) continue
      const kind = kindOfLikeness(one, other)
      if (kind === undefined || this.#exact.has(`${kind} ${column}`)) return false
      differing += 1
    }
    return differing > 0
  }

  async #tied(one: readonly KeyValue[], other: readonly KeyValue[]): Promise<boolean> {
    const found = await this.#keys.equalTo(one)
    const foundOther = await this.#keys.equalTo(other)
    if (found.length > 1 || foundOther.length > 1) return true
    const { columns } = this.#keys
    const [index, second] = [...columns.keys()].filter((at) => one[at] !== other[at])
    // Only where both are there still and just one column can have told them apart is that known of it.
    if (
      found.length === 1 &&
      foundOther.length === 1 &&
      index !== undefined &&
      second === undefined
    )
      this.#exact.add(`${kindOfLikeness(one[index], other[index])} ${columns[index]}`)
    return false
  }

  async #requireWhole(bound: Bound | null, limit: number): Promise<void> {
    const { columns } = this.#keys
    const selected = columns.map((column, index) => `${stored(column)} AS dogear_${index}`)
    const rows = await this.#keys.read<Record<string, string | null>>(
      selected.join(', '),
      bound,
      limit,
    )
    for (const row of rows) {
      for (const [index, column] of columns.entries())
        requireWhole(this.#keys, column, row[`dogear_${index}`] ?? '')
    }
  }

  #mayHaveLost(row: unknown): boolean {
    return this.#keys.columns.some((column) => {
      const value = keyPart(row, column)
      if (typeof value === 'string') return value.includes(REPLACEMENT) || !value.isWellFormed()
      return (
        typeof value === 'number' &&
        Number.isInteger(value) &&
        !Number.isSafeInteger(value) &&
        Math.abs(value) <= BEYOND_INTEGERS
      )
    })
  }
}

/** Of a text its bytes in hex, of an INTEGER its digits; each after its type. */
function stored(column: string): string {
  const name = quoteName(column)
  return `CASE typeof(${name}) WHEN 'text' THEN 't' || hex(${name}) WHEN 'integer' THEN 'i' || ${name} END`
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function requireWhole(keys: KeyedRows, column: string, text: string): void {
  if (text.startsWith('i') && !Number.isSafeInteger(Number(text.slice(1)))) {
    throw keys.invalid(
      `${column} is ${text.slice(1)}, beyond 2^53, where D1 loses digits; select CAST(${column} AS TEXT) and walk by that`,
    )
  }
  if (!text.startsWith('t')) return
  const bytes = Uint8Array.from(text.slice(1).match(/../g) ?? [], (hex) => Number(`0x${hex}`))
  try {
    decoder.decode(bytes)
  } catch {
    const shown = describeValue(new TextDecoder().decode(bytes))
    throw keys.invalid(
      `${column} is ${shown}, whose bytes are no UTF-8: D1 gives another text than the one it compares; walk by another column, or select hex(${column}) and walk by that`,
    )
  }
}

/** In what two texts differ that a collation of SQLite passes over; undefined when by more than that. */
function kindOfLikeness(one: unknown, other: unknown): 'case' | 'spaces' | undefined {
  if (typeof one !== 'string' || typeof other !== 'string') return undefined
  if (one.length !== other.length) return one.trimEnd() === other.trimEnd() ? 'spaces' : undefined
  // NOCASE looks no further than a NUL.
  const [start = ''] = one.split('\0', 1)
  const [otherStart = ''] = other.split('\0', 1)
  return start.toLowerCase() === otherStart.toLowerCase() ? 'case' : undefined
}
