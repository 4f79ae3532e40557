import { secretBytes } from './endpoint-checks.ts'

/**
 * The headers of the Standard Webhooks specification: an id that stays the same however often it is sent,
 * when it was sent, and a signature by each secret.
 */
export async function signedHeaders(
  secrets: readonly string[],
  id: string,
  now: number,
  body: string,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000))
  const signatures = secrets.map((secret) => sign(secret, `${id}.${timestamp}.${body}`))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': (await Promise.all(signatures)).join(' '),
  }
}

async function sign(secret: string, text: string): Promise<string> {
  const bytes = secretBytes(secret)
  if (!bytes) throw new TypeError('not a secret; endpoints are read with those that are')
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`
}
