import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry, RunView, SliceView, Verification } from '../engine/index.ts'
import type { ApiEnv } from './router.ts'

/**
 * What a Worker adds to the API on its own account. Without it no route touches any table but Dogear's.
 */
export interface ApiAddition {
  /** Routers by the path below which each answers. Their permissions: `access/permissions.ts`. */
  routes: (registry: Registry) => Readonly<Record<string, OpenAPIHono<ApiEnv>>>
  /** Holds a run also against what its job has done. */
  verify: (env: Cloudflare.Env, run: RunView, slices: readonly SliceView[]) => Promise<Verification>
}
