import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../router.ts'

/** Rejects while Dogear's tables are not to be worked on. `failed`: an error that they may be the cause of. */
export type TablesReady = (env: Cloudflare.Env, failed?: unknown) => Promise<void>

/** Asks before each request; and once more after one that failed, so that the next one need not fail for the same. */
export function requireTables(ready: TablesReady): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await ready(c.env)
    await next()
    // Whoever asked is answered with the error that was.
    if (c.error) await ready(c.env, c.error).catch(() => undefined)
  }
}
