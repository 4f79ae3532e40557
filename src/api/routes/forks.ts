import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute, type z } from '@hono/zod-openapi'
import { forkRun, redoFromStep, type ForkOptions } from '../../engine/runs/fork.ts'
import { listCommits } from '../../engine/runs/commits.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { ForkSchema, LedgerQuerySchema, LedgerSchema, RestartSchema } from '../schemas/forks.ts'
import { given } from '../request/given.ts'
import { idempotencyHeaders } from '../request/idempotency-key.ts'
import { requireLane } from '../request/lane.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { requireRun, runParam } from './run-param.ts'
import { json, problems, RunSchema } from '../schemas/runs.ts'

const ledger = createRoute({
  method: 'get',
  path: '/{id}/ledger',
  summary: 'The commits of a run, newest first',
  request: { ...runParam, query: LedgerQuerySchema },
  responses: { 200: json(LedgerSchema, 'One page'), ...problems },
})

const responses = {
  200: json(RunSchema, 'The run that this idempotency key started before'),
  201: json(RunSchema, 'A new run; the other one is as it was'),
  ...problems,
}

const fork = createRoute({
  method: 'post',
  path: '/{id}/fork',
  summary: 'Start a new run that goes on from a commit of this one',
  request: {
    ...runParam,
    headers: idempotencyHeaders,
    body: { required: true, content: { 'application/json': { schema: ForkSchema } } },
  },
  responses,
})

const restart = createRoute({
  method: 'post',
  path: '/{id}/restart',
  summary: 'Start a new run that does a step of this one again, and what follows it',
  request: {
    ...runParam,
    headers: idempotencyHeaders,
    body: { required: true, content: { 'application/json': { schema: RestartSchema } } },
  },
  responses,
})

/** A run's ledger, and the runs that begin somewhere in it. */
export function forkRoutes(registry: Registry) {
  const app = router()

  app.openapi(ledger, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const { limit, cursor, after, lane } = c.req.valid('query')
    requireLane(run, lane)
    const page = await listCommits(bindingsOf(c.env).db, run.id, {
      limit,
      lane,
      ...(cursor !== undefined && { before: Number(cursor) }),
      ...(after !== undefined && { after }),
    })
    return c.json(
      { commits: page.commits, nextCursor: page.next === null ? null : String(page.next) },
      200,
    )
  })

  app.openapi(fork, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const job = registry.require(run.job)
    const { seq, ...changes } = c.req.valid('json')
    const key = c.req.valid('header')['idempotency-key']
    const created = await forkRun(depsOf(c.env), job, run, { seq, ...options(changes, key) })
    if (!created.ok) throw otherFork(run.id, key)
    return c.json(created.run, created.created ? 201 : 200)
  })

  app.openapi(restart, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const job = registry.require(run.job)
    const { step, ...changes } = c.req.valid('json')
    const key = c.req.valid('header')['idempotency-key']
    const created = await redoFromStep(depsOf(c.env), job, run, { step, ...options(changes, key) })
    if (!created.ok) throw otherFork(run.id, key)
    return c.json(created.run, created.created ? 201 : 200)
  })

  return app
}

function depsOf(env: Cloudflare.Env) {
  return { db: bindingsOf(env).db, objects: runObjects(env) }
}

function options(
  { interrupt, ...changes }: Omit<z.infer<typeof ForkSchema>, 'seq'>,
  idempotencyKey: string | undefined,
): ForkOptions {
  return {
    ...given(changes),
    ...(interrupt && { interrupt: given(interrupt) }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}

function otherFork(run: string, key: string | undefined): ProblemError {
  return new ProblemError(
    'idempotency_conflict',
    `Idempotency-Key '${key}' forked run ${run} at another commit, or with other params`,
  )
}
