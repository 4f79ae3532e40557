/** Each round another one begins, so that none always follows the same one. */
export function rotated<T>(values: readonly T[], by: number): T[] {
  const first = by % values.length
  return [...values.slice(first), ...values.slice(0, first)]
}
