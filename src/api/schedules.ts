import { createRoute, z } from '@hono/zod-openapi'
import { listSchedules, type Registry } from '../engine/index.ts'
import { router } from './router.ts'
import { ErrorSchema, json, problems } from './schemas.ts'

const count = z.int().nonnegative()
const time = z.iso.datetime()

const ScheduleSchema = z
  .object({
    name: z.string(),
    job: z.string(),
    cron: z.string().openapi({ example: '0 3 * * *' }),
    timeZone: z.string().openapi({ example: 'UTC' }),
    overlap: z.enum(['skip', 'queue', 'allow']),
    nextTick: time,
    lastRun: z.object({ run: z.string(), tick: time }).nullable(),
    waitingTick: time.nullable(),
    lastSkippedTick: time.nullable(),
    started: count,
    skipped: count,
    error: ErrorSchema.optional(),
  })
  .openapi('Schedule')

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Runs that start by the clock',
  responses: {
    200: json(z.object({ schedules: z.array(ScheduleSchema) }), 'All schedules'),
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
