import { describeValue, DogearError } from '../errors.ts'

/** Treatment of whole numbers that JavaScript cannot hold exactly. */
export type LargeIntegers = 'refuse' | 'text'

/** Throws `invalid_enumerator` for what is no such choice; `name` is the enumerator that was given it. */
export function requireLargeIntegers(name: string, given: unknown = 'refuse'): LargeIntegers {
  if (given === 'refuse' || given === 'text') return given
  throw new DogearError(
    'invalid_enumerator',
    `enumerators.${name} got largeIntegers ${describeValue(given)}; expected 'refuse' or 'text'`,
  )
}

/** The fault of a text that is no JSON, or that would not be the same as a value. */
export class JsonProblem extends Error {}

/** A whole number that would lose digits. */
class LargeInteger extends JsonProblem {
  constructor(source: string) {
    super(
      `found the integer ${source}; expected at most 2^53 - 1, or it loses digits. Have such numbers written as strings`,
    )
  }
}

/** The same fault, for a walk that has the option. */
export function jsonProblem(error: JsonProblem): string {
  const option = error instanceof LargeInteger ? ", or set largeIntegers: 'text'" : ''
  return `${error.message}${option}`
}

/**
 * The fault of the numbers of a JSON text that somebody has sent: those that become others. Undefined
 * when none does, and for no JSON.
 */
export function numberProblem(text: string): string | undefined {
  if (!MAY_LOSE.test(text)) return undefined
  try {
    parseExactly(text, 'refuse others')
    return undefined
  } catch (error) {
    return error instanceof JsonProblem && error.cause === undefined ? error.message : undefined
  }
}

/**
 * The value of a JSON text, whole. Throws `JsonProblem` for what is no JSON, for a number that would lose
 * digits or is beyond all numbers, and for a string with half of a surrogate pair.
 */
export function parseJson(text: string, largeIntegers: LargeIntegers): unknown {
  const value = parseExactly(text, largeIntegers)
  if (HALF_ESCAPED.test(text)) requireWellFormed(value)
  return value
}

/** The same, but for halves of characters: an API may well cut a text there, and mean the rest of the page. */
export function parseExactly(
  text: string,
  largeIntegers: LargeIntegers | 'refuse others',
): unknown {
  // Few texts have such numbers or halves, and to look at each value takes several times as long.
  const revive = MAY_LOSE.test(text) ? exactly(largeIntegers) : undefined
  try {
    return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1])
  } catch (cause) {
    if (cause instanceof JsonProblem) throw cause
    // The runtime's message quotes the text it stumbled over.
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new JsonProblem(`expected one JSON value; ${problem}`, { cause })
  }
}

const MAY_LOSE = /\d{16}|\d[eE]/
const HALF_ESCAPED = /\\u[dD][89a-fA-F]/

function exactly(largeIntegers: LargeIntegers | 'refuse others') {
  return (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number') return value
    const source = context?.source ?? ''
    if (!Number.isFinite(value))
      throw new JsonProblem(`found the number ${describeValue(source)}; expected a finite one`)
    if (!Number.isInteger(value) || Number.isSafeInteger(value) || !isExact(source)) return value
    if (largeIntegers === 'text') return source
    if (largeIntegers === 'refuse others' && integerOf(source) === BigInt(value)) return value
    throw new LargeInteger(source)
  }
}

/**
 * True for a number that is meant to the last digit: 9007199254740993 is, as 9.007199254740993e15 too, and
 * 6.02e23 or 1e16 is not.
 */
function isExact(source: string): boolean {
  if (/^-?\d+(\.0*)?$/.test(source)) return true
  const [digits = '', exponent] = source.toLowerCase().split('e')
  return exponent !== undefined && digits.replaceAll(/[-.]|0+$/g, '').length > MOST_DIGITS
}

/** The integer that a number is written as; undefined for one with a fraction. */
function integerOf(source: string): bigint | undefined {
  const [digits = '', exponent = '0'] = source.toLowerCase().split('e')
  const [whole = '', fraction = ''] = digits.replace(/(\.\d*?)0+$/, '$1').split('.')
  const zeros = Number(exponent) - fraction.length
  return zeros < 0 ? undefined : BigInt(whole + fraction) * 10n ** BigInt(zeros)
}

/** So many significant digits any number keeps. */
const MOST_DIGITS = 15

function requireWellFormed(value: unknown): void {
  if (typeof value === 'string' && !value.isWellFormed())
    throw new JsonProblem(
      `found ${describeValue(value)}, a string with half of a surrogate pair; expected whole characters`,
    )
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    requireWellFormed(key)
    requireWellFormed(inner)
  }
}
