import { createRoute, z } from '@hono/zod-openapi'
import { ALERT_KINDS, dismissAlert, listAlerts, type AlertKind } from '../engine/index.ts'
import { given } from './given.ts'
import { ProblemError } from './problem.ts'
import { router } from './router.ts'
import { AlertSchema, json, NumberedParam, problems } from './schemas.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'What people should look at, newest first',
  request: {
    query: z.strictObject({
      run: z.string().max(64).optional(),
      kind: z.enum(ALERT_KINDS as [AlertKind, ...AlertKind[]]).optional(),
      open: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional()
        .openapi({ description: 'Only those that nothing and nobody has cleared' }),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      cursor: z.coerce.number().int().positive().optional(),
    }),
  },
  responses: {
    200: json(
      z
        .object({ alerts: z.array(AlertSchema), nextCursor: z.string().nullable() })
        .openapi('Alerts'),
      'One page',
    ),
    ...problems,
  },
})

const dismiss = createRoute({
  method: 'post',
  path: '/{id}/dismiss',
  summary: 'Clear an alert; it is raised again only after it was over',
  request: { params: NumberedParam },
  responses: {
    200: json(AlertSchema, 'The alert; one cleared before stays as it was'),
    ...problems,
  },
})

export function alertRoutes() {
  const app = router()

  app.openapi(list, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const { alerts, next } = await listAlerts(c.env.DB, {
      limit,
      ...given(filter),
      ...(cursor !== undefined && { before: cursor }),
    })
    return c.json({ alerts, nextCursor: next === null ? null : String(next) }, 200)
  })

  app.openapi(dismiss, async (c) => {
    const { id } = c.req.valid('param')
    const alert = await dismissAlert(c.env.DB, id, new Date().toISOString())
    if (!alert) throw new ProblemError('unknown_alert', `There is no alert ${id}`)
    return c.json(alert, 200)
  })

  return app
}
