import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { notFound, ProblemError } from '../problem.ts'
import type { ApiEnv } from '../router.ts'
import { recordRefusal } from './audit-trail.ts'
import type { Authenticator } from './authenticator.ts'
import { mayAct } from '../caller.ts'
import { requireOwnPage } from './origin.ts'
import { changesState, permissionFor, type Permissions } from './permissions.ts'
import { limitCaller } from './rate-limits.ts'

/** Lets a request through to its route only if its caller may do that; the route then knows the caller. */
export function accessControl(
  authenticator: Authenticator,
  permissions: Permissions,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const permission = permissionFor(matchedRoutes(c), permissions)
    if (permission === 'anyone') return next()
    const word = await authenticator.wordOfHost(c)
    if (word instanceof Response) return word
    const caller = word ?? (await authenticator.identify(c))
    if (caller.how !== 'dev') await limitCaller(c, caller)
    // Also a route that has no permission: it is as if it were not there.
    if (permission === undefined) return notFound(c)
    if (!mayAct(caller.role, permission)) {
      await recordRefusal(c, caller)
      throw new ProblemError(
        'forbidden',
        `'${caller.name}' is ${caller.role}; expected ${permission} for ${c.req.method} ${c.req.path}`,
      )
    }
    if (changesState(c.req.method) && caller.how !== 'token') {
      requireOwnPage(c.req.raw, caller.how === 'session' ? 'refused' : 'allowed')
    }
    c.set('caller', caller)
    return next()
  }
}
