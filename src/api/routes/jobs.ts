import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute, z } from '@hono/zod-openapi'
import { isEnded } from '../../engine/run.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { startRun } from '../../engine/runs/start.ts'
import type { Job } from '../../engine/job/job.ts'
import type { Registry } from '../../engine/job/registry.ts'
import type { RunView } from '../../engine/index.ts'
import {
  isStale,
  lastCompleted,
  lastRuns,
  listErrorGroups,
  readJobRuns,
} from '../../monitoring/index.ts'
import { listSchedules, type Schedule } from '../../schedules/index.ts'
import { given } from '../request/given.ts'
import { idempotencyHeaders } from '../request/idempotency-key.ts'
import { paramsSchema } from '../params-schema.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { JobDetailsSchema, JobsSchema } from '../schemas/jobs.ts'
import { json, problems, RunSchema, StartSchema } from '../schemas/runs.ts'

const listJobs = createRoute({
  method: 'get',
  path: '/',
  summary: 'The jobs this Worker knows',
  responses: { 200: json(JobsSchema, 'All jobs'), ...problems },
})

const readJob = createRoute({
  method: 'get',
  path: '/{job}',
  summary: 'A job, and how its runs do',
  request: { params: z.object({ job: z.string() }) },
  responses: { 200: json(JobDetailsSchema, 'The job'), ...problems },
})

const start = createRoute({
  method: 'post',
  path: '/{job}/runs',
  summary: 'Start a run',
  request: {
    params: z.object({ job: z.string() }),
    headers: idempotencyHeaders,
    body: { content: { 'application/json': { schema: StartSchema } } },
  },
  responses: {
    200: json(RunSchema, 'The run that this idempotency key started before'),
    201: json(RunSchema, 'A new run'),
    ...problems,
  },
})

export function jobRoutes(registry: Registry, schedules: readonly Schedule[] = []) {
  const app = router()

  app.openapi(listJobs, async (c) => {
    const jobs = registry.all()
    return c.json({ jobs: await jobsOf(bindingsOf(c.env).db, jobs) }, 200)
  })

  app.openapi(readJob, async (c) => {
    const { db } = bindingsOf(c.env)
    const job = registry.require(c.req.valid('param').job)
    const now = Date.now()
    const own = schedules.filter((schedule) => schedule.job.name === job.name)
    const [[shown], runs, scheduled, errors] = await Promise.all([
      jobsOf(db, [job]),
      readJobRuns(db, job, now),
      listSchedules(db, own, now),
      listErrorGroups(db, { job: job.name, limit: ERRORS_SHOWN }, now),
    ])
    if (!shown) throw new TypeError(`Job '${job.name}' is not shown`)
    const open = errors.groups.filter(({ failed }) => failed > 0)
    return c.json({ ...shown, ...runs, schedules: scheduled, errors: open }, 200)
  })

  app.openapi(start, async (c) => {
    const job = registry.require(c.req.valid('param').job)
    const { params, wait, hold, interrupt, commit, lanes, labels } = c.req.valid('json') ?? {}
    const idempotencyKey = c.req.valid('header')['idempotency-key']
    const created = await startRun(runObjects(c.env), job, {
      ...(params !== undefined && { params }),
      ...(wait !== undefined && wait !== true && { wait }),
      ...(hold !== undefined && { hold }),
      ...(interrupt && { interrupt: given(interrupt) }),
      ...(labels && { labels }),
      ...(commit && { commit: given(commit) }),
      ...(lanes !== undefined && { lanes }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    })
    if (!created.ok) {
      throw new ProblemError(
        created.code,
        `Idempotency-Key '${idempotencyKey}' started a run of '${job.name}' with other params`,
      )
    }
    const run = wait === true ? await atRest(runObjects(c.env), created.run) : created.run
    return c.json(run, created.created ? 201 : 200)
  })

  return app
}

const ERRORS_SHOWN = 10

/** Jobs as lists show them. */
async function jobsOf(db: D1Database, jobs: readonly Job[]) {
  const names = jobs.map(({ name }) => name)
  const [completed, newest] = await Promise.all([lastCompleted(db), lastRuns(db, names)])
  return jobs.map((job) => {
    const { name, description, body, unit, unitSize, schema, sensitive } = job
    const [lastCompletedAt, lastRun] = [completed.get(name), newest.get(name)]
    return {
      name,
      ...(description !== undefined && { description }),
      style: body.style,
      unit,
      ...(unitSize !== undefined && { unitSize }),
      params: paramsSchema(schema, sensitive),
      ...(lastCompletedAt !== undefined && { lastCompletedAt }),
      stale: isStale(lastCompletedAt, job.staleAfter),
      ...(sensitive.length > 0 && { sensitive: [...sensitive] }),
      ...(lastRun && { lastRun }),
    }
  })
}

/** The longest that a request waits for a run. Clients and proxies give up soon after. */
const REST_WITHIN_MS = 25_000
const LOOK_EVERY_MS = 100

/** The run once it has ended, is paused or held; or as it is when the time is up. */
async function atRest(objects: ReturnType<typeof runObjects>, run: RunView): Promise<RunView> {
  let shown = run
  for (let waited = 0; waited < REST_WITHIN_MS; waited += LOOK_EVERY_MS) {
    if (isEnded(shown.status) || shown.status === 'paused' || shown.held) break
    await scheduler.wait(LOOK_EVERY_MS)
    shown = (await objects(run.id).describe()) ?? shown
  }
  return shown
}
