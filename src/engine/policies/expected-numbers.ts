import { describeValue } from '../errors.ts'
import { part } from '../thrown.ts'

/** The numbers that a setting takes, in code and in words. */
export interface Expected {
  fits: (value: number) => boolean
  text: string
  /** `false` turns it off. */
  orFalse?: true
}

export const WHOLE: Expected = {
  fits: (value) => Number.isSafeInteger(value) && value >= 1,
  text: 'a whole number from 1 up',
}
export const WHOLE_OR_NONE: Expected = {
  fits: (value) => value === Infinity || WHOLE.fits(value),
  text: 'a whole number from 1 up, or Infinity',
}
export const COUNT_OR_NONE: Expected = {
  fits: (value) => value === 0 || WHOLE_OR_NONE.fits(value),
  text: 'a whole number from 0 up, or Infinity',
}
export const LIMIT: Expected = {
  fits: (value) => value >= 0,
  text: 'a number from 0 up, or Infinity',
}
export const TIME: Expected = {
  fits: (value) => value >= 0 && Number.isFinite(value),
  text: 'milliseconds from 0 up',
}
export const RATE: Expected = {
  fits: (value) => value >= 0 && value <= 1,
  text: 'a number from 0 to 1',
}
export const POSITIVE: Expected = {
  fits: (value) => value > 0 && Number.isFinite(value),
  text: 'a number above 0',
}

/**
 * The problem of a setting that is not the number it must be; undefined when there is none. A NaN is compared
 * with everything in vain, so such a limit would hold nothing, or everything at once.
 */
export function numberProblem(
  name: string,
  value: unknown,
  expected: Expected,
): string | undefined {
  const { fits, text, orFalse } = expected
  if (value === undefined || (orFalse && value === false)) return undefined
  if (typeof value === 'number' && fits(value)) return undefined
  return `${name} is ${describeValue(value)}; expected ${text}`
}

/** The first problem of numbers that belong together. */
export function numbersProblem(
  group: string,
  given: unknown,
  expected: Readonly<Record<string, Expected>>,
): string | undefined {
  if (given === undefined) return undefined
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return `${group} is ${describeValue(given)}; expected an object`
  return Object.entries(expected)
    .map(([name, one]) => numberProblem(`${group}.${name}`, part(given, name), one))
    .find((problem) => problem !== undefined)
}
