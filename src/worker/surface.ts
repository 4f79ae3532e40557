import type { OpenAPIHono } from '@hono/zod-openapi'
import { pruneAudit } from '../api/access/audit-log.ts'
import type { Authorize } from '../api/access/authorize.ts'
import type { ApiAddition } from '../api/addition.ts'
import type { ApiEnv } from '../api/router.ts'
import { steerRuns } from '../api/steer-runs.ts'
import { log } from '../engine/log.ts'
import { servePage } from '../page/index.ts'
import { examine } from './doctor.ts'
import type { Surface } from './assemble.ts'
import { BasePath } from './path.ts'

/** Settings of API and page. */
export interface SurfaceOptions {
  /**
   * Where API and page are: `/dogear/api/runs`, `/dogear/runs`. `/` takes all of the Worker.
   * @default '/dogear'
   */
  path?: string
  /**
   * Says who asks: your own sessions, say. Null lets tokens and Cloudflare Access decide, if there are any; a
   * `Response` is answered as it is: a redirect to your login. See docs/access.md.
   */
  authorize?: Authorize
  /** Routes of your own beside the API's. */
  api?: ApiAddition
  /**
   * False for a Worker that serves a page with views of its own, as `assets`. See docs/guide/additions.md.
   * @default true
   */
  page?: boolean
}

/** API and page, below their path. */
export function surface(options: SurfaceOptions): Surface {
  const { path = '/dogear', authorize, api: added, page = true } = options
  const at = new BasePath(path)
  // Whatever asks, the host sees the address that the browser has.
  const asked: Authorize | undefined =
    authorize && ((request, env) => authorize(at.outer(request), env))
  return {
    jobs: [steerRuns],
    tick: (db, now) => pruneAudit(db, now),
    owns: (request) => at.owns(request),
    serve({ registry, schedules, ready, cron }) {
      // Made when it is first asked for: its schemas are most of what a Worker would have to do at its start. No
      // promise of it is kept, since one that a request has begun ends with it.
      let app: OpenAPIHono<ApiEnv> | undefined
      const apiOf = async (): Promise<OpenAPIHono<ApiEnv>> => {
        const { api } = await import('../api/app.ts')
        const within = (env: Cloudflare.Env) => examine(env, { ready, cron })
        const parts = { schedules, ready, examine: within }
        const access = { base: at.base, ...(asked && { authorize: asked }) }
        return (app ??= api(registry, { ...parts, ...access }, added))
      }
      return async (request, env, ctx) => {
        const shown = page ? servePage(at.outer(request), at.base) : undefined
        if (!shown) return (app ?? (await apiOf())).fetch(at.inner(request), env, ctx)
        // The page itself is no secret: what it shows, it asks of the API. But the host may want a login first.
        try {
          const word = await asked?.(request, env)
          return word instanceof Response ? word : shown
        } catch (error) {
          log.error('authorize.failed', { error })
          return new Response('The host could not say who asks; its log says why', { status: 500 })
        }
      }
    },
  }
}
