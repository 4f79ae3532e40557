import { createRoute } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { redriveRun } from '../../engine/runs/redrive.ts'
import { listSkips } from '../../engine/runs/skips.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { SkipsQuerySchema, SkipsSchema } from '../schemas/run-details.ts'
import { json, problems, RunSchema } from '../schemas/runs.ts'
import { requireRun, runParam } from './run-param.ts'

const skips = createRoute({
  method: 'get',
  path: '/{id}/skips',
  summary: 'Items that were recorded as failed and passed over',
  request: { ...runParam, query: SkipsQuerySchema },
  responses: { 200: json(SkipsSchema, 'One page'), ...problems },
})

const redrive = createRoute({
  method: 'post',
  path: '/{id}/redrive',
  summary: 'Start a run of the skipped items only',
  request: runParam,
  responses: {
    200: json(RunSchema, 'The run that was started for it before'),
    201: json(RunSchema, 'A new run, whose parent is this one'),
    ...problems,
  },
})

/** The skipped items of a run, and the run that handles them again. */
export function skipRoutes(registry: Registry) {
  const app = router()

  app.openapi(skips, async (c) => {
    const { id } = await requireRun(c, c.req.valid('param').id)
    const { limit, cursor } = c.req.valid('query')
    const after = cursor?.split('-').map(Number) as [number, number] | undefined
    const page = await listSkips(bindingsOf(c.env).db, id, { limit, ...(after && { after }) })
    return c.json({ skips: page.skips, nextCursor: page.next && page.next.join('-') }, 200)
  })

  app.openapi(redrive, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const job = registry.require(run.job)
    const created = await redriveRun(runObjects(c.env), bindingsOf(c.env).db, job, run)
    if (!created.ok) throw new ProblemError(created.code, `Run ${run.id} was re-driven otherwise`)
    return c.json(created.run, created.created ? 201 : 200)
  })

  return app
}
