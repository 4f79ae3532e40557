import { log } from '../engine/log.ts'
import { problemsOf, type WrittenEndpoint } from './endpoint-checks.ts'

/** A receiver of events, and the runs that it hears of. */
export interface Endpoint {
  name: string
  url: string
  /** Several while one takes the place of another: each signs. */
  secrets: readonly string[]
  /** All when there are none. */
  events?: readonly string[]
  jobs?: readonly string[]
}

/** The endpoints; or what is wrong with the setting, and then nothing is sent. */
export interface Endpoints {
  endpoints: readonly Endpoint[]
  problem?: string
}

/** The secret of endpoints, where a Worker has it. */
export interface WebhookSettings {
  /** JSON: `[{ "name", "url", "secret", "events"?, "jobs"? }]`. See docs/webhooks-and-alerts.md. */
  WEBHOOKS?: string
}

let known: { source: string; read: Endpoints } | undefined

/** Reads the secret once for as long as it stays the same. What is wrong is logged, values never are. */
export function readEndpoints(env: object): Endpoints {
  const { WEBHOOKS: source = '' } = env as WebhookSettings
  if (known?.source !== source) known = { source, read: parse(source) }
  return known.read
}

function parse(source: string): Endpoints {
  if (source === '') return { endpoints: [] }
  let json: unknown
  try {
    json = JSON.parse(source)
  } catch {
    // The parser's own message quotes the text.
    return misconfigured('it is not JSON')
  }
  const problems = problemsOf(json)
  if (problems.length > 0) return misconfigured(problems.join('; '))
  return {
    endpoints: (json as WrittenEndpoint[]).map(({ name, url, secret, events, jobs }) => ({
      name,
      url,
      secrets: [secret].flat(),
      ...(events && { events }),
      ...(jobs && { jobs }),
    })),
  }
}

function misconfigured(found: string): Endpoints {
  log.error('webhooks.misconfigured', { found })
  return { endpoints: [], problem: `WEBHOOKS is malformed, so nothing is sent: ${found}` }
}
