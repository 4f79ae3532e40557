import type { Context, MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'
import type { ApiEnv } from './router.ts'

/**
 * Refuses a JSON body that is no UTF-8. Read leniently, each byte that does not fit becomes U+FFFD, and is
 * stored as if somebody had meant that.
 */
export function requireUtf8Body(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    // An uploaded file is streamed, whatever it calls itself.
    if (c.req.method === 'PUT' || !isJson(c)) return next()
    const bytes = await c.req.arrayBuffer()
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    } catch {
      return problem(
        c,
        'invalid_json',
        'The body holds bytes that are no UTF-8; expected JSON in UTF-8, whatever charset is named',
      )
    }
    return next()
  }
}

/** Whether the body is called JSON, in whatever letters. */
export function isJson(c: Context): boolean {
  return c.req.header('content-type')?.toLowerCase().includes('json') === true
}
