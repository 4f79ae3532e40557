import { sign } from 'hono/jwt'

export const TEAM = 'https://acme.cloudflareaccess.example'
export const AUDIENCE = 'a1b2c3d4e5f6'

const pairs = new Map<string, CryptoKeyPair>()

/** Made once for each name: it takes long. */
async function keyPair(name: string): Promise<CryptoKeyPair> {
  const known = pairs.get(name)
  if (known) return known
  const made = (await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair
  pairs.set(name, made)
  return made
}

/** A Cloudflare Access team of its own: signs JWTs and serves the keys to check them by. */
export class FakeTeam {
  /** Who has been asked for keys. */
  readonly asked: string[] = []
  reachable = true
  #keys: { kid: string; pair: CryptoKeyPair }[] = []

  readonly #owner: string

  constructor(owner = 'acme') {
    this.#owner = owner
  }

  /** What is signed from now on is signed by the key of that name, and the keys before it are gone. */
  async rotate(kid: string): Promise<void> {
    this.#keys = [{ kid, pair: await keyPair(`${this.#owner} ${kid}`) }]
  }

  readonly fetch = async (url: string): Promise<Response> => {
    this.asked.push(url)
    if (!this.reachable) throw new TypeError('Network connection lost')
    return Response.json({ keys: await this.publicKeys() })
  }

  publicKeys(): Promise<object[]> {
    return Promise.all(
      this.#keys.map(async ({ kid, pair }) => {
        const jwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
        return { kid, use: 'sig', kty: jwk.kty, alg: 'RS256', n: jwk.n, e: jwk.e }
      }),
    )
  }

  /** A JWT as the team would issue it now, for that address; `claims` of undefined are left out. */
  async issue(email: string, claims: Record<string, unknown> = {}, nowMs = Date.now()) {
    const now = Math.floor(nowMs / 1_000)
    const all = { iss: TEAM, aud: [AUDIENCE], email, iat: now, nbf: now, exp: now + 900, ...claims }
    const { kid, pair } = this.#newest
    const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey)
    return sign(JSON.parse(JSON.stringify(all)) as Record<string, unknown>, {
      ...(jwk as JsonWebKey),
      alg: 'RS256',
      kid,
    })
  }

  get #newest() {
    const newest = this.#keys.at(-1)
    if (!newest) throw new Error('no key; rotate first')
    return newest
  }
}
