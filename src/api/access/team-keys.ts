import { z } from 'zod'
import { ProblemError } from '../problem.ts'
import { log } from '../../engine/log.ts'

/** Fetches the keys; tests serve their own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

const KEEP_MS = 60 * 60_000
/** A key that is not known may be new. Nobody can make us ask more often than this by inventing some. */
const ASK_EVERY_MS = 60_000
const ANSWER_WITHIN_MS = 5_000
/** After so many tries without keys nobody asks for a while. */
const FAILURES_IN_A_ROW = 3
const REST_MS = 5_000

/** Keys of other kinds may stand beside ours; they sign nothing that counts here. */
const KeySet = z.object({ keys: z.array(z.unknown()) })
const RsaKey = z.looseObject({
  kid: z.string(),
  kty: z.literal('RSA'),
  n: z.string(),
  e: z.string(),
})

export type TeamKey = z.infer<typeof RsaKey>

/** The keys by which a Cloudflare Access team signs, kept for an hour. */
export class TeamKeys {
  readonly #fetch: Fetch
  readonly #now: () => number
  #known: { url: string; keys: TeamKey[]; at: number } | undefined
  #askedAt = -Infinity
  #failures = 0

  constructor(fetch: Fetch, now: () => number) {
    this.#fetch = fetch
    this.#now = now
  }

  /** The key of that id; undefined when the team has none. Throws `access_keys_unreachable`. */
  async find(team: string, kid: string): Promise<TeamKey | undefined> {
    const known = this.#known?.url === team ? this.#known : undefined
    const found = known?.keys.find((key) => key.kid === kid)
    const now = this.#now()
    if (found && now - (known?.at ?? 0) < KEEP_MS) return found
    if (known !== undefined && now - this.#askedAt < ASK_EVERY_MS) return found
    // Nothing is known: forged tokens must not make us ask for each of them.
    if (this.#failures >= FAILURES_IN_A_ROW && now - this.#askedAt < REST_MS)
      throw unreachable(team)
    this.#askedAt = now
    try {
      const keys = await this.#ask(team)
      this.#failures = 0
      this.#known = { url: team, keys, at: now }
      return keys.find((key) => key.kid === kid)
    } catch (error) {
      this.#failures += 1
      // An old key still counts, so nobody else would notice.
      log.error('access.keys_unreachable', { error })
      if (found) return found
      throw unreachable(team)
    }
  }

  async #ask(team: string): Promise<TeamKey[]> {
    const response = await this.#fetch(`${team}/cdn-cgi/access/certs`, {
      // A redirect would take the question of who is let in to somebody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    if (!response.ok) throw new Error(`answered ${response.status}`)
    const { keys } = KeySet.parse(await response.json())
    const ours = keys.flatMap((key) => RsaKey.safeParse(key).data ?? [])
    if (ours.length === 0) throw new Error(`none of ${keys.length} keys is one of RSA with an id`)
    return ours
  }
}

function unreachable(team: string): ProblemError {
  return new ProblemError('access_keys_unreachable', `No keys from ${team}; try again later`)
}
