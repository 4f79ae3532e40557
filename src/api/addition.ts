import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Permissions } from './access/permissions.ts'
import type { AddedProblems } from './problem.ts'
import type { ApiEnv } from './router.ts'

/**
 * Routes that a Worker adds to the API on its own account, with all that the API must know of them.
 * Without it no route touches any table but Dogear's.
 */
export interface ApiAddition {
  /** Routers by the path below which each answers. */
  readonly routes: Readonly<Record<string, OpenAPIHono<ApiEnv>>>
  /** The least role that each of them asks for. One that is not here is served to nobody. */
  readonly permissions: Permissions
  /** Codes of problems of their own, beside those of the API. */
  readonly problems?: AddedProblems
  /**
   * Parts of their JSON bodies that the audit trail keeps, by route: `'POST /api/shop/seed': ['orders']`. Of
   * others it keeps the parts that it knows from the API's own routes. Name nothing that may be a secret.
   */
  readonly audited?: Readonly<Record<string, readonly string[]>>
}
