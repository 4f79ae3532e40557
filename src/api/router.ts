import { OpenAPIHono } from '@hono/zod-openapi'
import type { Caller } from './caller.ts'
import { problem } from './problem.ts'

export type ApiEnv = {
  Bindings: Cloudflare.Env
  Variables: {
    /** The one who asks; set for every route that is not for anyone. */
    caller: Caller
    /** The run that the path names, once somebody has asked; see `runIdOf`. */
    runId?: Promise<string>
  }
}

/** A router whose failed validations are problem documents. */
export function router(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result, c) => {
      if (result.success) return
      const details = result.error.issues.map(({ path, message }) =>
        path.length > 0 ? `${path.join('.')}: ${message}` : message,
      )
      return problem(
        c,
        result.target === 'query' ? 'invalid_query' : 'invalid_request',
        details.join('; '),
      )
    },
  })
}
