import { createRoute } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { readCheckpoint } from '../../engine/runs/list.ts'
import { verifyRun } from '../../engine/runs/verify-run.ts'
import { laneOf } from '../request/lane.ts'
import { router } from '../router.ts'
import {
  CheckpointSchema,
  SlicesQuerySchema,
  SlicesSchema,
  VerificationSchema,
} from '../schemas/run-details.ts'
import { json, problems } from '../schemas/runs.ts'
import { unknownRun } from '../request/run-id.ts'
import { requireRun, runParam } from './run-param.ts'

const checkpoint = createRoute({
  method: 'get',
  path: '/{id}/checkpoint',
  summary: 'Where a run has come to, as D1 has it',
  request: runParam,
  responses: { 200: json(CheckpointSchema, 'The checkpoint'), ...problems },
})

const slices = createRoute({
  method: 'get',
  path: '/{id}/slices',
  summary: 'The timeline of a run',
  request: { ...runParam, query: SlicesQuerySchema },
  responses: {
    200: json(SlicesSchema, 'One page: the newest slices that fit, oldest first'),
    ...problems,
  },
})

const verification = createRoute({
  method: 'get',
  path: '/{id}/verification',
  summary: 'The proof that a run did everything exactly once',
  request: runParam,
  responses: { 200: json(VerificationSchema, 'All checks, passed or not'), ...problems },
})

/** More of one run: its checkpoint, its slices, and the proof that it did everything once. */
export function runDetailRoutes(registry: Registry) {
  const app = router()

  app.openapi(checkpoint, async (c) => {
    const { id, job, style, status, resumptions } = await requireRun(c, c.req.valid('param').id)
    const lane = await readCheckpoint(bindingsOf(c.env).db, id)
    if (!lane) throw unknownRun(id)
    return c.json({ run: id, job, style, status, resumptions, ...lane }, 200)
  })

  app.openapi(slices, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const { after = 0, cursor, limit, lane } = c.req.valid('query')
    const total = run.lanes?.[lane]?.slices ?? run.slices
    const before = cursor === undefined ? Infinity : Number(cursor)
    const asked = { after, limit: limit + 1, ...(cursor !== undefined && { before }) }
    const found = await runObjects(c.env)(laneOf(run, lane)).slices(asked)
    // An object of older code gives all it has.
    const fitting = found.filter(({ fence }) => fence > after && fence < before)
    const page = fitting.slice(-limit)
    const next = fitting.length > limit ? `${page[0]?.fence}` : null
    return c.json({ slices: page, total, nextCursor: next }, 200)
  })

  app.openapi(verification, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const worked = await runObjects(c.env)(run.id).slices()
    return c.json(await verifyRun(c.env, registry.get(run.job), run, worked), 200)
  })

  return app
}
