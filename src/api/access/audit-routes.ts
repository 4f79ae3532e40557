import { createRoute, z } from '@hono/zod-openapi'
import { router } from '../router.ts'
import { json, problems } from '../schemas.ts'
import { listEntries } from './audit-log.ts'

const AuditSchema = z
  .object({
    entries: z.array(
      z.object({
        id: z.int(),
        at: z.iso.datetime(),
        actor: z.string(),
        role: z.string(),
        how: z.string(),
        action: z.string().openapi({ example: 'POST /api/runs/:id/:command' }),
        run: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()),
        status: z.int().nullable().openapi({
          description:
            'Of the answer; null while it is not known, for ever if the Worker was cut off',
        }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('Audit')

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Who has changed what, newest first',
  request: {
    query: z.strictObject({
      run: z.string().max(64).optional(),
      actor: z.string().max(320).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      cursor: z.coerce.number().int().positive().optional(),
    }),
  },
  responses: { 200: json(AuditSchema, 'One page'), ...problems },
})

export function auditRoutes() {
  const app = router()
  app.openapi(list, async (c) => {
    const { run, actor, limit, cursor } = c.req.valid('query')
    const { entries, next } = await listEntries(c.env.DB, {
      limit,
      ...(run !== undefined && { run }),
      ...(actor !== undefined && { actor }),
      ...(cursor !== undefined && { before: cursor }),
    })
    return c.json({ entries, nextCursor: next === null ? null : String(next) }, 200)
  })
  return app
}
