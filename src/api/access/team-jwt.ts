import { decode, verifyWithJwks } from 'hono/jwt'
import type { Team } from './settings.ts'
import type { TeamKeys } from './team-keys.ts'

/** Clocks differ. */
const LEEWAY_SECONDS = 60

/**
 * The name in a Cloudflare Access JWT: an e-mail address, or that of a service token, in lower case.
 * Undefined unless this team signed it by RS256, for this application, and it counts now. Throws
 * `access_keys_unreachable`.
 */
export async function nameFromJwt(
  jwt: string,
  { url, audience }: Team,
  keys: TeamKeys,
  nowMs: number,
): Promise<string | undefined> {
  const kid = keyIdOf(jwt)
  const key = kid === undefined ? undefined : await keys.find(url, kid)
  if (!key) return undefined
  let claims: Record<string, unknown>
  try {
    claims = await verifyWithJwks(jwt, {
      keys: [key],
      allowedAlgorithms: ['RS256'],
      // The times are checked below: with a leeway, and an end is a must.
      verification: { iss: url, aud: audience, exp: false, nbf: false, iat: false },
    })
  } catch {
    return undefined
  }
  const { exp, nbf = 0, email, common_name: service } = claims
  const now = nowMs / 1_000
  if (typeof exp !== 'number' || exp + LEEWAY_SECONDS <= now) return undefined
  if (typeof nbf !== 'number' || nbf - LEEWAY_SECONDS > now) return undefined
  const name = [email, service].find((part) => typeof part === 'string' && part !== '')
  return (name as string | undefined)?.toLowerCase()
}

function keyIdOf(jwt: string): string | undefined {
  try {
    const { kid } = decode(jwt).header as { kid?: unknown }
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}
