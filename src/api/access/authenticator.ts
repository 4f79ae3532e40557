import type { Context } from 'hono'
import { type ProblemCode, ProblemError } from '../problem.ts'
import type { ApiEnv } from '../router.ts'
import type { Caller } from '../caller.ts'
import { noteDenied } from './denied.ts'
import type { Authorize } from './authorize.ts'
import { isFromHere, isLoopback } from './origin.ts'
import { limitAttempts } from './rate-limits.ts'
import { Sessions } from './session.ts'
import { SettingsReader, type AccessSettings, type Team } from './settings.ts'
import { nameFromJwt } from './team-jwt.ts'
import { TeamKeys, type Fetch } from './team-keys.ts'
import { findToken } from './tokens.ts'

/** The parts that tests replace. */
export interface AccessOptions {
  /** Fetches the keys of a Cloudflare Access team. */
  fetch?: Fetch
  now?: () => number
  /** The host's own word on who asks. */
  authorize?: Authorize
  /** The path below which browsers find the API, without a slash at its end. @default '' */
  base?: string
}

const DEVELOPER: Caller = { name: 'developer', role: 'admin', how: 'dev' }

/** In the words of D1, by which `requireTables` knows that the database is to be looked at again. */
const NO_TABLES =
  'Found a session that cannot be checked (no such table: dogear_session_secret); log in again, or type: npx dogear doctor --token TOKEN'

/** Finds out who asks. */
export class Authenticator {
  readonly sessions: Sessions
  readonly #settings = new SettingsReader()
  readonly #keys: TeamKeys
  readonly #now: () => number
  readonly #authorize: Authorize | undefined

  constructor({
    fetch: ask = (url, init) => fetch(url, init),
    now = Date.now,
    authorize,
    base = '',
  }: AccessOptions = {}) {
    this.#now = now
    this.#authorize = authorize
    this.sessions = new Sessions(now, base)
    this.#keys = new TeamKeys(ask, now)
  }

  settings(c: Context<ApiEnv>): Promise<AccessSettings> {
    return this.#settings.read(c.env)
  }

  /** Whoever asks as the host knows them; or its answer to them. Undefined when it does not know them. */
  async wordOfHost(c: Context<ApiEnv>): Promise<Caller | Response | undefined> {
    const word = await this.#authorize?.(c.req.raw, c.env)
    if (!word || word instanceof Response) return word ?? undefined
    return { name: word.name, role: word.role, how: 'host' }
  }

  /**
   * The caller. What was sent on purpose counts before what a browser sends by itself. Throws
   * `unauthenticated`, `access_unconfigured` and what settings and keys throw.
   */
  async identify(c: Context<ApiEnv>): Promise<Caller> {
    const settings = await this.settings(c)
    const { tokens, team, dev } = settings
    const authorization = c.req.header('authorization')
    if (authorization !== undefined) return this.#byToken(c, settings, authorization)
    const session = await this.sessions.find(c, tokens)
    const hasTables = session !== 'no tables'
    if (session && hasTables) return { name: session.name, role: session.role, how: 'session' }
    const jwt = c.req.header('cf-access-jwt-assertion')
    if (team && jwt !== undefined) return this.#byJwt(c, team, jwt)
    if (dev && isLoopback(c.req.raw)) return DEVELOPER
    if (tokens.length === 0 && !team && !this.#authorize) {
      // Nothing is set up, and it is asked from the machine on which this runs: somebody develops it there.
      if (isFromHere(c.req.raw)) return DEVELOPER
      throw refused(
        c,
        'access_unconfigured',
        'Nobody may use this Worker yet: set the secret API_TOKENS, or ACCESS_TEAM, ACCESS_AUD and ACCESS_ROLES, or give createDogear an authorize function. See docs/access.md',
      )
    }
    throw refused(
      c,
      'unauthenticated',
      hasTables
        ? "Found no credentials; expected a header 'Authorization: Bearer TOKEN' or a session"
        : NO_TABLES,
    )
  }

  async #byToken(
    c: Context<ApiEnv>,
    { tokens }: AccessSettings,
    authorization: string,
  ): Promise<Caller> {
    const presented = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
    const token = presented === undefined ? undefined : await findToken(tokens, presented)
    if (token) return { name: token.name, role: token.role, how: 'token' }
    await limitAttempts(c, 'credential')
    await noteDenied(c, { how: 'token', status: 401 })
    throw refused(c, 'unauthenticated', 'The bearer token is not one of this Worker')
  }

  async #byJwt(c: Context<ApiEnv>, team: Team, jwt: string): Promise<Caller> {
    const name = await nameFromJwt(jwt, team, this.#keys, this.#now())
    if (name === undefined) {
      await limitAttempts(c, 'credential')
      await noteDenied(c, { how: 'cloudflare-access', status: 401 })
      throw refused(c, 'unauthenticated', 'The Cloudflare Access JWT does not count here')
    }
    const role = team.roles.get(name) ?? team.roles.get('*')
    if (role) return { name, role, how: 'cloudflare-access' }
    await noteDenied(c, { how: 'cloudflare-access', name, status: 403 })
    throw new ProblemError('forbidden', `ACCESS_ROLES gives '${name}' no role`)
  }
}

export function refused(c: Context, code: ProblemCode, detail: string): ProblemError {
  c.header('WWW-Authenticate', 'Bearer realm="dogear"')
  return new ProblemError(code, detail)
}
