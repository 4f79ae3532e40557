import { createRoute, z } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import { cutText } from '../../engine/cut-text.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import {
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  runNow,
  type Schedule,
} from '../../schedules/index.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { ScheduleSchema, SchedulesSchema } from '../schemas/overview.ts'
import { json, problems, RunSchema } from '../schemas/runs.ts'

const params = z.object({ name: z.string() })

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Runs that start by the clock',
  responses: { 200: json(SchedulesSchema, 'All schedules'), ...problems },
})

const run = createRoute({
  method: 'post',
  path: '/{name}/run',
  summary: 'Start a run of a schedule at once',
  request: { params },
  responses: { 201: json(RunSchema, 'A new run'), ...problems },
})

const pause = createRoute({
  method: 'post',
  path: '/{name}/pause',
  summary: 'Let the ticks of a schedule start nothing, until it is resumed',
  request: { params },
  responses: { 200: json(ScheduleSchema, 'The schedule'), ...problems },
})

const resume = createRoute({
  method: 'post',
  path: '/{name}/resume',
  summary: 'Let the next tick of a paused schedule start a run',
  request: { params },
  responses: { 200: json(ScheduleSchema, 'The schedule'), ...problems },
})

export function scheduleRoutes(schedules: readonly Schedule[]) {
  const app = router()

  const shown = async (db: D1Database, schedule: Schedule) => {
    const [view] = await listSchedules(db, [schedule], Date.now())
    if (!view) throw new Error(`schedule '${schedule.name}' was asked for and not listed`)
    return view
  }

  app.openapi(list, async (c) => {
    const { db } = bindingsOf(c.env)
    return c.json({ schedules: await listSchedules(db, schedules, Date.now()) }, 200)
  })

  app.openapi(run, async (c) => {
    const schedule = required(schedules, c.req.valid('param').name)
    const deps = { db: bindingsOf(c.env).db, objects: runObjects(c.env) }
    return c.json(await runNow(deps, schedule, Date.now()), 201)
  })

  app.openapi(pause, async (c) => {
    const { db } = bindingsOf(c.env)
    const schedule = required(schedules, c.req.valid('param').name)
    await pauseSchedule(db, schedule, Date.now())
    return c.json(await shown(db, schedule), 200)
  })

  app.openapi(resume, async (c) => {
    const { db } = bindingsOf(c.env)
    const schedule = required(schedules, c.req.valid('param').name)
    await resumeSchedule(db, schedule, Date.now())
    return c.json(await shown(db, schedule), 200)
  })

  return app
}

function required(schedules: readonly Schedule[], name: string): Schedule {
  const schedule = schedules.find((one) => one.name === name)
  if (schedule) return schedule
  const known = schedules.map((one) => one.name).join(', ') || 'none is declared'
  throw new ProblemError(
    'unknown_schedule',
    `There is no schedule '${cutText(name, 64)}'; expected one of: ${known}`,
  )
}
