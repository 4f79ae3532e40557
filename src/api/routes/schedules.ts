import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute } from '@hono/zod-openapi'
import { listSchedules, type Schedule } from '../../schedules/index.ts'
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

export function scheduleRoutes(schedules: readonly Schedule[]) {
  const app = router()
  app.openapi(list, async (c) => {
    return c.json(
      { schedules: await listSchedules(bindingsOf(c.env).db, schedules, Date.now()) },
      200,
    )
  })
  return app
}
