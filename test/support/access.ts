import { env } from 'cloudflare:workers'
import type { AccessOptions } from '../../src/api/access/authenticator.ts'
import type { EnvironmentVariables } from '../../src/api/environment.ts'
import type { Role } from '../../src/api/caller.ts'
import { api } from '../../src/api/index.ts'
import { shopApi } from '../../src/shop/api/index.ts'
import { registry } from './drive.ts'

/** A token of each role. */
export const TOKENS: Record<Role, string> = {
  viewer: 'viewer-5f1d0c2b9a',
  operator: 'operator-77ab31e0c4',
  admin: 'admin-e0c4b8d2f6a9',
}

export const API_TOKENS = JSON.stringify(
  Object.entries(TOKENS).map(([role, token]) => ({ name: `${role}-1`, role, token })),
)

export const BASE = 'https://dogear.example'

type Settings = EnvironmentVariables &
  Partial<
    Pick<
      Cloudflare.Env,
      | 'API_TOKENS'
      | 'ACCESS_TEAM'
      | 'ACCESS_AUD'
      | 'ACCESS_ROLES'
      | 'DEV_ACCESS'
      | 'API_LIMIT'
      | 'LOGIN_LIMIT'
      | 'DB'
      | 'WEBHOOKS'
    >
  >

export interface Asked {
  headers?: Record<string, string>
  /** Of this role, sent as bearer token. */
  as?: Role
  body?: unknown
  base?: string
}

/** Never says no. */
export const noLimit: RateLimit = { limit: () => Promise.resolve({ success: true }) }

/** Says no after so many of each key. */
export function limitOf(count: number): RateLimit & { keys: string[] } {
  const keys: string[] = []
  return {
    keys,
    limit: ({ key }) => {
      keys.push(key)
      return Promise.resolve({ success: keys.filter((other) => other === key).length <= count })
    },
  }
}

/** The API with these settings of access alone: what tests are otherwise allowed does not count. */
export function deployed(settings: Settings = { API_TOKENS }, options: AccessOptions = {}) {
  const app = api(registry, options, shopApi)
  const { DEV_ACCESS: _dev, ...bare } = env
  const bindings = { ...bare, API_LIMIT: noLimit, LOGIN_LIMIT: noLimit, ...settings }
  const ask = async (method: string, path: string, asked: Asked = {}) => {
    const { headers, as, body, base = BASE } = asked
    const answer = await app.request(
      base + path,
      {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(as && { authorization: `Bearer ${TOKENS[as]}` }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
      bindings,
    )
    const text = await answer.text()
    const isJson = text !== '' && answer.headers.get('content-type')?.includes('json')
    const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>
    return { status: answer.status, json, text, headers: answer.headers }
  }
  return { app, ask, bindings }
}
