import type { Context, MiddlewareHandler } from 'hono'
import { cutText } from '../../engine/cut-text.ts'
import { numberProblem } from '../../engine/enumerators/json-value.ts'
import { problem } from '../problem.ts'
import type { ApiEnv } from '../router.ts'

/**
 * Refuses a JSON body that is no UTF-8, or has numbers that JavaScript cannot hold. Read leniently, each
 * byte that does not fit becomes U+FFFD, and a number its neighbour, and are stored as if somebody had meant
 * that.
 */
export function requireUtf8Body(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    // An uploaded file is streamed, whatever it calls itself.
    if (c.req.method === 'PUT' || !isJson(c)) return next()
    const bytes = await c.req.arrayBuffer()
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    } catch {
      return problem(
        c,
        'invalid_json',
        'The body holds bytes that are no UTF-8; expected JSON in UTF-8, whatever charset is named',
      )
    }
    const lost = numberProblem(text)
    // As a schema of whole numbers says it: what else than a param could have so large a number?
    return lost === undefined ? next() : problem(c, 'invalid_params', `In the body: ${lost}`)
  }
}

/**
 * Refuses an address that is no UTF-8, percent-encoded as it is: a run that nobody finds, or a file under
 * another name, would come of it.
 */
export function requireUtf8Address(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const damaged = c.req.url.match(/(?:%[\da-f]{2})+/gi)?.find((bytes) => !isUtf8(bytes))
    return damaged === undefined
      ? next()
      : problem(
          c,
          'invalid_request',
          `The address holds ${cutText(damaged, 100)}, which is no UTF-8; expected UTF-8, percent-encoded`,
        )
  }
}

function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded)
    return true
  } catch {
    return false
  }
}

/** True for a body that is called JSON, in whatever letters. */
export function isJson(c: Context): boolean {
  return c.req.header('content-type')?.toLowerCase().includes('json') === true
}
