import { createRoute } from '@hono/zod-openapi'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { startRun } from '../../engine/runs/start.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { given } from '../request/given.ts'
import { idempotencyHeaders } from '../request/idempotency-key.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { BulkSchema } from '../schemas/run-filter.ts'
import { json, problems, RunSchema } from '../schemas/runs.ts'
import { steerRuns } from '../steer-runs.ts'

const bulk = createRoute({
  method: 'post',
  path: '/bulk',
  summary: 'Steer all runs that fit a filter',
  description:
    'Starts a resumable run that gives the command to each run created before now. `GET /api/runs/totals` with the same filter tells beforehand how many those are.',
  request: {
    headers: idempotencyHeaders,
    body: { content: { 'application/json': { schema: BulkSchema } }, required: true },
  },
  responses: {
    201: json(RunSchema, 'The run that does it; its result has `obeyed` and `refused`'),
    200: json(RunSchema, 'The run that this idempotency key started before'),
    ...problems,
  },
})

export function bulkRoutes(registry: Registry) {
  const app = router()
  app.openapi(bulk, async (c) => {
    const { command, filter } = c.req.valid('json')
    if (filter.job !== undefined) registry.require(filter.job)
    const idempotencyKey = c.req.valid('header')['idempotency-key']
    const created = await startRun(runObjects(c.env), steerRuns, {
      params: { command, ...given(filter) },
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    })
    if (!created.ok) {
      throw new ProblemError(
        created.code,
        `Idempotency-Key '${idempotencyKey}' started another command, or one for other runs`,
      )
    }
    return c.json(created.run, created.created ? 201 : 200)
  })
  return app
}
