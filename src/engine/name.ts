/** The name of a job or schedule: it stands in URLs, metrics and idempotency keys. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/

/** Undefined when the name will do. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name === 'string' && NAME.test(name)) return undefined
  return 'expected a name of lower case letters, digits and dashes, at most 64'
}
