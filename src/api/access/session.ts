import { bindingsOf } from '../../engine/bindings.ts'
import type { Context } from 'hono'
import { deleteCookie, getCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import { textOf } from '../../engine/thrown.ts'
import type { ApiEnv } from '../router.ts'
import { isLoopback } from './origin.ts'
import type { Token } from './tokens.ts'

const SESSION_SECONDS = 12 * 60 * 60
const SECRET_BYTES = 32

/**
 * The page's session: a signed cookie that names a token and an end. The key of the signature comes from
 * that token's digest and from a secret of this database, so a session ends with its token, and neither a
 * digest alone nor a copy of the database lets anybody make one.
 */
export class Sessions {
  readonly #now: () => number
  readonly #base: string
  #secret: Uint8Array | undefined

  /** `base`: the path below which browsers find this API. */
  constructor(now: () => number, base: string) {
    this.#now = now
    this.#base = base
  }

  /** Gives the browser a session of this token; when it ends, in ms. */
  async open(c: Context<ApiEnv>, token: Token): Promise<number> {
    const endsAt = this.#now() + SESSION_SECONDS * 1_000
    await setSignedCookie(
      c,
      cookieName(c, this.#base),
      `${token.name}:${endsAt}`,
      await this.#key(bindingsOf(c.env).db, token),
      {
        ...cookieKind(c),
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        maxAge: SESSION_SECONDS,
      },
    )
    return endsAt
  }

  /**
   * The token whose session the request brings; undefined when it has none that counts. `no tables`: the database
   * has nothing to check a session by, and then none counts.
   */
  async find(
    c: Context<ApiEnv>,
    tokens: readonly Token[],
  ): Promise<Token | 'no tables' | undefined> {
    const { prefix } = cookieKind(c)
    const cookie = cookieName(c, this.#base)
    const [name, endsAt] = splitEnd(getCookie(c, cookie, prefix) ?? '')
    const token = tokens.find((other) => other.name === name)
    if (!token || !(Number(endsAt) > this.#now())) return undefined
    try {
      const key = await this.#key(bindingsOf(c.env).db, token)
      const signed = await getSignedCookie(c, key, cookie, prefix)
      return signed === `${name}:${endsAt}` ? token : undefined
    } catch (error) {
      if (/no such table/.test(textOf(error))) return 'no tables'
      throw error
    }
  }

  close(c: Context<ApiEnv>): void {
    deleteCookie(c, cookieName(c, this.#base), { ...cookieKind(c), path: '/' })
  }

  async #key(db: D1Database, { name, digest }: Token): Promise<Uint8Array> {
    this.#secret ??= await databaseSecret(db)
    const secret = await crypto.subtle.importKey('raw', this.#secret, 'HKDF', false, ['deriveBits'])
    const info = new TextEncoder().encode(`dogear session of ${name}`)
    return new Uint8Array(
      await crypto.subtle.deriveBits(
        { name: 'HKDF', hash: 'SHA-256', salt: digest, info },
        secret,
        256,
      ),
    )
  }
}

/** Made by whoever needs it first; then it stays. */
async function databaseSecret(db: D1Database): Promise<Uint8Array> {
  const [, answer] = await db.batch<{ secret: ArrayBuffer | number[] }>([
    db.prepare(
      `INSERT OR IGNORE INTO dogear_session_secret (only_row, secret) VALUES (1, randomblob(${SECRET_BYTES}))`,
    ),
    db.prepare(`SELECT secret FROM dogear_session_secret`),
  ])
  const secret = new Uint8Array(answer?.results[0]?.secret ?? [])
  if (secret.length !== SECRET_BYTES) {
    throw new Error(`session_secret holds ${secret.length} bytes; expected ${SECRET_BYTES}`)
  }
  return secret
}

/**
 * A name for each Dogear of a host: browsers send a cookie to all ports of a host, and a `__Host-` cookie to all of its
 * paths. `+` and `.` keep port and path apart: no path has a `+`, and none comes without one.
 */
function cookieName(c: Context, base: string): string {
  const { port } = new URL(c.req.url)
  return `dogear-session${port === '' ? '' : `.${port}`}${base.replaceAll('/', '+')}`
}

/** Browsers keep a `__Host-` cookie from being set by other hosts of the domain; it must be secure. */
function cookieKind(c: Context): { prefix?: 'host'; secure?: true } {
  const plain = new URL(c.req.url).protocol === 'http:' && isLoopback(c.req.raw)
  return plain ? {} : { prefix: 'host', secure: true }
}

/** `name:end.signature` */
function splitEnd(value: string): [name: string, endsAt: string] {
  const [, name = '', endsAt = ''] = /^([^:]*):(\d+)\./.exec(value) ?? []
  return [name, endsAt]
}
