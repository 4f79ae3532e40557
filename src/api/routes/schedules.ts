import { createRoute } from '@hono/zod-openapi'
import { listSchedules, type Registry } from '../../engine/index.ts'
import { SchedulesSchema } from '../schemas/overview.ts'
import { router } from '../router.ts'
import { json, problems } from '../schemas/runs.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Runs that start by the clock',
  responses: {
    200: json(SchedulesSchema, 'All schedules'),
    ...problems,
  },
})

export function scheduleRoutes(registry: Registry) {
  const app = router()
  app.openapi(list, async (c) => {
    const schedules = await listSchedules(c.env.DB, registry.schedules(), Date.now())
    return c.json({ schedules }, 200)
  })
  return app
}
