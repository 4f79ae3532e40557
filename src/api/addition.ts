import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry } from '../engine/index.ts'
import type { ApiEnv } from './router.ts'

/**
 * What a Worker adds to the API on its own account. Without it no route touches any table but Dogear's.
 */
export interface ApiAddition {
  /** Routers by the path below which each answers. Their permissions: `access/permissions.ts`. */
  routes: (registry: Registry) => Readonly<Record<string, OpenAPIHono<ApiEnv>>>
}
