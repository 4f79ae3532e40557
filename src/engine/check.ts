/** One statement of a verification: what was expected, what was found. */
export interface Check {
  name: string
  ok: boolean
  expected: unknown
  actual: unknown
}

/** A check that passes when both are the same JSON. */
export function check(name: string, expected: unknown, actual: unknown): Check {
  return { name, ok: jsonOf(expected) === jsonOf(actual), expected, actual }
}

/** Checks as JSON has them, with big integers as texts. */
export function plainChecks(checks: readonly Check[]): Check[] {
  return JSON.parse(jsonOf(checks) ?? '[]') as Check[]
}

function jsonOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  )
}
