import type { Check } from '../check.ts'

/** The rate limits as a configuration gives them: requests of one caller, and attempts to get in, a minute. */
const LIMITS = [
  { name: 'API_LIMIT', namespace: '7401', limit: 1_200 },
  { name: 'LOGIN_LIMIT', namespace: '7402', limit: 20 },
]

/** What a Worker with tokens is advised that has these rate limits: it does without them, but who guesses is not slowed down. */
export function limitsFinding(there: readonly string[]): Omit<Check, 'name'> {
  const missing = LIMITS.filter(({ name }) => !there.includes(name))
  if (missing.length === 0) return { ok: true, found: 'requests and logins are limited', todo: '' }
  const entries = missing.map(
    ({ name, namespace, limit }) =>
      `{ "name": "${name}", "namespace_id": "${namespace}", "simple": { "limit": ${limit}, "period": 60 } }`,
  )
  return {
    ok: true,
    found: `API_TOKENS without the rate limits ${missing.map(({ name }) => name).join(' and ')}, so nobody who guesses is slowed down`,
    todo: `add to ratelimits: ${entries.join(', ')}; each namespace_id is to be unique in your account`,
  }
}
