import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute } from '@hono/zod-openapi'
import { dismissAlert, listAlerts } from '../../monitoring/index.ts'
import { AlertSchema, AlertsQuerySchema, AlertsSchema } from '../schemas/alerts.ts'
import { given } from '../request/given.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { json, NumberedParam, problems } from '../schemas/runs.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'What people should look at, newest first',
  request: { query: AlertsQuerySchema },
  responses: { 200: json(AlertsSchema, 'One page'), ...problems },
})

const dismiss = createRoute({
  method: 'post',
  path: '/{id}/dismiss',
  summary:
    'Clear an alert; it is raised again only after it was over, or when its group of errors occurs again',
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
    const { alerts, next } = await listAlerts(bindingsOf(c.env).db, {
      limit,
      ...given(filter),
      ...(cursor !== undefined && { before: cursor }),
    })
    return c.json({ alerts, nextCursor: next === null ? null : String(next) }, 200)
  })

  app.openapi(dismiss, async (c) => {
    const { id } = c.req.valid('param')
    const at = new Date().toISOString()
    const alert = await dismissAlert(bindingsOf(c.env).db, id, at, c.get('caller')?.name)
    if (!alert) throw new ProblemError('unknown_alert', `There is no alert ${id}`)
    return c.json(alert, 200)
  })

  return app
}
