import { z } from 'zod'
import { ProblemError } from '../problem.ts'
import { ROLES, type Role } from '../caller.ts'
import { hashTokens, TokensSchema, type Token } from './tokens.ts'
import { log } from '../../engine/log.ts'

/** Secrets and variables of who may use the API, where a Worker has them. See docs/access.md. */
export interface AccessVariables {
  /** JSON: `[{ "name": "ci", "role": "operator", "token": "..." or "sha256:HEX" }]`. */
  API_TOKENS?: string
  /** `https://acme.cloudflareaccess.com` */
  ACCESS_TEAM?: string
  /** The audience tag of the Cloudflare Access application. */
  ACCESS_AUD?: string
  /** JSON: e-mail address, name of a service token, or `*` to role. */
  ACCESS_ROLES?: string
  /** `loopback`: whoever asks at a loopback name is admin. Given by `npm run dev`, never deployed. */
  DEV_ACCESS?: string
}

/** Access to the API, as the Worker's secrets and variables grant it. */
export interface AccessSettings {
  tokens: readonly Token[]
  team: Team | undefined
  /** Whoever asks at a loopback address is admin. */
  dev: boolean
}

/** A Cloudflare Access team, and what role each of its people has here. */
export interface Team {
  /** Issuer of its JWTs and where its keys are. */
  url: string
  audience: string
  /** By lower case e-mail address or name; `*` is everybody else. */
  roles: ReadonlyMap<string, Role>
}

const NAMES = ['API_TOKENS', 'ACCESS_TEAM', 'ACCESS_AUD', 'ACCESS_ROLES', 'DEV_ACCESS'] as const

/** Reads the settings of an `env` once for as long as they stay the same. */
export class SettingsReader {
  #known: { source: string; settings: AccessSettings } | undefined

  /** Throws `access_misconfigured`: then nobody gets in. What is wrong is logged, the values never are. */
  async read(env: object): Promise<AccessSettings> {
    const variables: AccessVariables = env
    const source = JSON.stringify(NAMES.map((name) => variables[name] ?? null))
    if (this.#known?.source !== source) {
      this.#known = { source, settings: await settingsOf(variables) }
    }
    return this.#known.settings
  }
}

async function settingsOf(env: AccessVariables): Promise<AccessSettings> {
  const { API_TOKENS: tokens, DEV_ACCESS: dev } = env
  if (dev && dev !== 'loopback') throw misconfigured('DEV_ACCESS', "is not 'loopback'")
  return {
    tokens: tokens ? await hashTokens(parse('API_TOKENS', TokensSchema, tokens)) : [],
    team: teamOf(env),
    dev: dev === 'loopback',
  }
}

function teamOf({ ACCESS_TEAM, ACCESS_AUD, ACCESS_ROLES }: AccessVariables): Team | undefined {
  if (!ACCESS_TEAM && !ACCESS_AUD && !ACCESS_ROLES) return undefined
  const url = URL.parse(ACCESS_TEAM ?? '')
  if (url?.protocol !== 'https:' || url.href !== `${url.origin}/`) {
    throw misconfigured('ACCESS_TEAM', 'is not a URL like https://acme.cloudflareaccess.com')
  }
  if (!ACCESS_AUD) throw misconfigured('ACCESS_AUD', 'is missing')
  if (!ACCESS_ROLES) throw misconfigured('ACCESS_ROLES', 'is missing')
  const roles = parse('ACCESS_ROLES', z.record(z.string(), z.enum(ROLES)), ACCESS_ROLES)
  return {
    url: url.origin,
    audience: ACCESS_AUD,
    roles: new Map(Object.entries(roles).map(([who, role]) => [who.toLowerCase(), role])),
  }
}

function parse<T>(name: string, schema: z.ZodType<T>, text: string): T {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw misconfigured(name, 'is not JSON')
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ code, path, message }) =>
    // Names of fields may be anything, a token in the wrong place too.
    code === 'unrecognized_keys'
      ? `[${path.join('.')}] has a field that is not known`
      : `[${path.join('.')}] ${message}`,
  )
  throw misconfigured(name, problems.join('; '))
}

function misconfigured(name: string, found: string): ProblemError {
  // Whoever deploys must find it; the answer tells everybody less.
  log.error('access.misconfigured', { setting: name, found })
  return new ProblemError(
    'access_misconfigured',
    `${name} is malformed, so nobody is let in; the Worker's log says how. See docs/access.md`,
  )
}
