import { z } from 'zod'
import { log } from '../engine/log.ts'
import { ALERT_EVENTS } from '../monitoring/alert-kinds.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      /** JSON: `[{ "name", "url", "secret", "events"?, "jobs"? }]`. See docs/webhooks-and-alerts.md. */
      WEBHOOKS?: string
    }
  }
}

/** The events that endpoints can receive. */
export const EVENT_TYPES = [
  'run.completed',
  'run.failed',
  'run.cancelled',
  ...Object.values(ALERT_EVENTS),
] as const

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

const MIN_SECRET_BYTES = 24
const MAX_SECRET_BYTES = 64

const SecretSchema = z.string().refine((secret) => secretBytes(secret) !== null, {
  message: `is not 'whsec_' and ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64`,
})

const UrlSchema = z.string().refine(isAllowed, {
  message:
    'is not a URL that begins with https:// (or http:// and a loopback host), without a password',
})

const WebhooksSchema = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[\w.@-]{1,64}$/),
      url: UrlSchema,
      secret: z.union([SecretSchema, z.array(SecretSchema).min(1).max(3)]),
      events: z.array(z.enum(EVENT_TYPES)).min(1).optional(),
      jobs: z.array(z.string().min(1).max(64)).min(1).optional(),
    }),
  )
  .max(20)
  .refine((endpoints) => new Set(endpoints.map(({ name }) => name)).size === endpoints.length, {
    message: 'two endpoints have the same name',
  })

let known: { source: string; read: Endpoints } | undefined

/** Reads the secret once for as long as it stays the same. What is wrong is logged, values never are. */
export function readEndpoints({
  WEBHOOKS: source = '',
}: Pick<Cloudflare.Env, 'WEBHOOKS'>): Endpoints {
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
  const result = WebhooksSchema.safeParse(json)
  if (!result.success) return misconfigured(result.error.issues.map(describe).join('; '))
  return {
    endpoints: result.data.map(({ name, url, secret, events, jobs }) => ({
      name,
      url,
      secrets: [secret].flat(),
      ...(events && { events }),
      ...(jobs && { jobs }),
    })),
  }
}

function describe({ code, path, message }: z.core.$ZodIssue): string {
  const at = `[${path.map(String).join('.')}]`
  if (code === 'unrecognized_keys') return `${at} has a field that is not known`
  if (code === 'invalid_union') return `${at} is neither a secret nor a list of them`
  return `${at} ${message}`
}

function misconfigured(found: string): Endpoints {
  log.error('webhooks.misconfigured', { found })
  return { endpoints: [], problem: `WEBHOOKS is malformed, so nothing is sent: ${found}` }
}

function isAllowed(text: string): boolean {
  const url = URL.parse(text)
  if (!url || url.username !== '' || url.password !== '') return false
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback)
}

/** The key that a secret stands for; null when it is none. */
export function secretBytes(secret: string): Uint8Array<ArrayBuffer> | null {
  if (!secret.startsWith('whsec_')) return null
  try {
    const text = atob(secret.slice('whsec_'.length))
    const fits = text.length >= MIN_SECRET_BYTES && text.length <= MAX_SECRET_BYTES
    return fits ? Uint8Array.from(text, (char) => char.charCodeAt(0)) : null
  } catch {
    return null
  }
}
