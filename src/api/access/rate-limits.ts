import type { Context } from 'hono'
import { ProblemError } from '../problem.ts'
import type { ApiEnv } from '../router.ts'
import type { Caller } from '../caller.ts'

/** The period of both limits in wrangler.toml. */
const PERIOD_SECONDS = '60'

/** Throws `rate_limited` when this caller has asked too often. */
export function limitCaller(c: Context<ApiEnv>, { how, name }: Caller): Promise<void> {
  // A session is its token's.
  const kind = { host: 'host', 'cloudflare-access': 'access' }[how as string] ?? 'token'
  return limit(c, limitsOf(c).API_LIMIT, `${kind}:${name}`)
}

/** Throws `rate_limited` when too many from this address have tried to get in. */
export function limitAttempts(c: Context<ApiEnv>, what: 'login' | 'credential'): Promise<void> {
  const address = c.req.header('cf-connecting-ip') ?? ''
  return limit(c, limitsOf(c).LOGIN_LIMIT, `${what}:${networkOf(address)}`)
}

type Limit = RateLimit | undefined

/** The Worker's rate limits. It may do without them. */
export function limitsOf(c: Context<ApiEnv>): { API_LIMIT?: RateLimit; LOGIN_LIMIT?: RateLimit } {
  return c.env
}

async function limit(c: Context<ApiEnv>, binding: Limit, key: string): Promise<void> {
  if (!binding) return
  const { success } = await binding.limit({ key })
  if (success) return
  c.header('Retry-After', PERIOD_SECONDS)
  throw new ProblemError('rate_limited', 'Too many requests; try again in a minute')
}

/**
 * Who has one IPv6 address has all of its network too: a household is given a /56, often. An IPv4 address
 * stands for itself, also where it is written as an IPv6 one.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1]
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address
  const [head = '', tail] = address.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length)
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...last]
  const [a, b, c, d] = groups.map((group) => Number.parseInt(group, 16) || 0)
  // The upper byte of the fourth group.
  return [a, b, c, (d ?? 0) & 0xff00].map((group) => (group ?? 0).toString(16)).join(':')
}
