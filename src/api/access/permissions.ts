import { ROLES, type Role } from '../caller.ts'

/** The least role a route asks for; `anyone` needs none. */
export type Permission = Role | 'anyone'

/** The least role by route, as it is registered: `'GET /api/runs/:id'`. */
export type Permissions = Readonly<Record<string, Permission>>

/** Every route of the API itself. A route that is not here, and not added, is served to nobody. */
export const PERMISSIONS: Permissions = {
  'GET /health': 'anyone',
  // A session begins and ends here; these routes check for themselves what they are given.
  'POST /api/session': 'anyone',
  'DELETE /api/session': 'anyone',

  'GET /openapi.json': 'viewer',
  'GET /metrics': 'viewer',
  'GET /doctor': 'viewer',
  'GET /api/session': 'viewer',
  'GET /api/overview': 'viewer',
  'GET /api/schedules': 'viewer',
  'GET /api/alerts': 'viewer',
  'GET /api/errors': 'viewer',
  'GET /api/errors/:id': 'viewer',
  'GET /api/jobs': 'viewer',
  'GET /api/jobs/:job': 'viewer',
  'GET /api/runs': 'viewer',
  'GET /api/runs/totals': 'viewer',
  'GET /api/runs/histogram': 'viewer',
  'GET /api/runs/:id': 'viewer',
  'GET /api/runs/:id/checkpoint': 'viewer',
  'GET /api/runs/:id/slices': 'viewer',
  'GET /api/runs/:id/events': 'viewer',
  'GET /api/runs/:id/history': 'viewer',
  'GET /api/runs/:id/logs': 'viewer',
  'GET /api/runs/:id/stretches': 'viewer',
  'GET /api/runs/:id/skips': 'viewer',
  'GET /api/runs/:id/skips/groups': 'viewer',
  'GET /api/runs/:id/skips/file': 'viewer',
  'GET /api/runs/:id/ledger': 'viewer',
  'GET /api/runs/:id/verification': 'viewer',

  'POST /api/jobs/:job/runs': 'operator',
  'POST /api/runs/bulk': 'operator',
  'POST /api/runs/:id/:command': 'operator',
  'POST /api/runs/:id/redrive': 'operator',
  'POST /api/runs/:id/fork': 'operator',
  'POST /api/runs/:id/restart': 'operator',
  'POST /api/schedules/:name/run': 'operator',
  'POST /api/schedules/:name/pause': 'operator',
  'POST /api/schedules/:name/resume': 'operator',
  'POST /api/alerts/:id/dismiss': 'operator',
  'POST /api/errors/:id/retry': 'operator',
  'POST /api/errors/:id/dismiss': 'operator',
  'POST /api/errors/:id/mute': 'operator',
  'POST /api/errors/:id/unmute': 'operator',
  'GET /api/webhooks': 'operator',
  'GET /api/audit': 'operator',

  'POST /api/webhooks/deliveries/:id/retry': 'admin',
  'POST /api/webhooks/test': 'admin',
  'POST /api/runs/:id/kill': 'admin',
}

interface Route {
  method: string
  path: string
}

/** The routes among what a request has matched; the rest is middleware. The first one answers. */
export function routesOf(matched: readonly Route[]): Route[] {
  return matched.filter(({ method }) => method !== 'ALL')
}

/** The strictest permission of what a request has matched; undefined when one of it has none, or it is nothing. */
export function permissionFor(
  matched: readonly Route[],
  permissions: Permissions,
): Permission | undefined {
  const found = routesOf(matched).map(({ method, path }) => permissions[`${method} ${path}`])
  if (found.includes(undefined)) return undefined
  const strictest = ROLES.findLast((role) => found.includes(role))
  return strictest ?? found[0]
}

export function changesState(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method)
}
