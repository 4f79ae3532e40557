/** A figure over several rounds. */
export interface Spread {
  median: number
  min: number
  max: number
}

/** Of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

/** `412 [398 431]`, or just the value where it is always the same. */
export function spreadText(
  { median, min, max }: Spread,
  text = (value: number): string => Math.round(value).toLocaleString('en'),
): string {
  return min === max ? text(median) : `${text(median)} [${text(min)} ${text(max)}]`
}
