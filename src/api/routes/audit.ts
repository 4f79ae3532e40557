import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute } from '@hono/zod-openapi'
import { router } from '../router.ts'
import { json, problems } from '../schemas/runs.ts'
import { listEntries } from '../access/audit-log.ts'
import { AuditQuerySchema, AuditSchema } from '../schemas/access.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Who has changed what, newest first',
  request: {
    query: AuditQuerySchema,
  },
  responses: { 200: json(AuditSchema, 'One page'), ...problems },
})

export function auditRoutes() {
  const app = router()
  app.openapi(list, async (c) => {
    const { run, actor, limit, cursor } = c.req.valid('query')
    const { entries, next } = await listEntries(bindingsOf(c.env).db, {
      limit,
      ...(run !== undefined && { run }),
      ...(actor !== undefined && { actor }),
      ...(cursor !== undefined && { before: cursor }),
    })
    return c.json({ entries, nextCursor: next === null ? null : String(next) }, 200)
  })
  return app
}
