import { retryAfterMs } from '../engine/retry-after.ts'
import type { Endpoint } from './endpoints.ts'
import { signedHeaders } from './signature.ts'

/** An endpoint's answer to a message. */
export type Answer =
  | { ok: true }
  | {
      ok: false
      /** Never says where it was sent to: a URL may hold secrets. */
      error: string
      /** It wants no more. */
      gone?: boolean
      retryAfterMs?: number
    }

/** Sends a message once. Anything but a 2xx in time is a failure; a redirect is one, too. */
export async function send(
  { url, secrets }: Endpoint,
  { id, now, body }: { id: string; now: number; body: string },
  by: { fetch: (request: Request) => Promise<Response>; answerWithinMs: number },
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'dogear-webhooks',
    ...(await signedHeaders(secrets, id, now, body)),
  }
  const signal = AbortSignal.timeout(by.answerWithinMs)
  try {
    const request = new Request(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    const response = await by.fetch(request)
    await response.body?.cancel()
    return answerOf(response)
  } catch {
    // The error's own text may have the URL.
    const error = signal.aborted
      ? `no answer within ${by.answerWithinMs / 1_000} s`
      : 'no connection, or it was lost'
    return { ok: false, error }
  }
}

function answerOf(response: Response): Answer {
  const { ok, status } = response
  if (ok) return { ok: true }
  const error = `HTTP ${status}`
  if (status === 410) return { ok: false, gone: true, error: `${error}: the endpoint is gone` }
  if (status >= 300 && status < 400) {
    return { ok: false, error: `${error}: redirects are not followed` }
  }
  const after = retryAfterMs(response)
  return { ok: false, error, ...(after !== undefined && { retryAfterMs: after }) }
}
