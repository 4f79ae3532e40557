import { bindingsOf } from '../../engine/bindings.ts'
import { cutText } from '../../engine/cut-text.ts'
import { createRoute, z } from '@hono/zod-openapi'
import { COMMANDS, type Command } from '../../engine/run.ts'
import { listRuns, readCheckpoint } from '../../engine/runs/list.ts'
import { listSkips } from '../../engine/runs/skips.ts'
import { redriveRun } from '../../engine/runs/redrive.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { verifyRun } from '../../engine/runs/verify-run.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { given } from '../request/given.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { searched } from './run-search.ts'
import { requireId, requireRun, runParam, unknownRun } from './run-param.ts'
import {
  CheckpointSchema,
  SkipsQuerySchema,
  SkipsSchema,
  SlicesSchema,
  VerificationSchema,
} from '../schemas/run-details.ts'
import {
  CommandSchema,
  json,
  ListQuerySchema,
  problems,
  RunPageSchema,
  RunSchema,
} from '../schemas/runs.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Runs, the newest or the oldest first',
  request: { query: ListQuerySchema },
  responses: { 200: json(RunPageSchema, 'One page'), ...problems },
})

const show = createRoute({
  method: 'get',
  path: '/{id}',
  summary: 'One run',
  request: runParam,
  responses: { 200: json(RunSchema, 'The run'), ...problems },
})

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
  request: runParam,
  responses: { 200: json(SlicesSchema, 'The newest slices, oldest first'), ...problems },
})

const verification = createRoute({
  method: 'get',
  path: '/{id}/verification',
  summary: 'The proof that a run did everything exactly once',
  request: runParam,
  responses: { 200: json(VerificationSchema, 'All checks, passed or not'), ...problems },
})

const command = createRoute({
  method: 'post',
  path: `/{id}/{command}`,
  summary: 'Steer a run',
  request: {
    params: z.object({ id: z.string(), command: z.enum(COMMANDS as [Command, ...Command[]]) }),
    body: { content: { 'application/json': { schema: CommandSchema } } },
  },
  responses: {
    200: json(RunSchema, 'Done'),
    202: json(RunSchema, 'Asked for; the run shows it when it is so'),
    ...problems,
  },
})

export function runRoutes(registry: Registry) {
  const app = router()

  app.openapi(list, async (c) => {
    const { limit, sort, cursor, q, ids, ...asked } = c.req.valid('query')
    if (asked.job !== undefined) registry.require(asked.job)
    const after = cursor === undefined ? undefined : decodePosition(cursor)
    const filter = searched(given(asked), q, registry)
    if (!filter) return c.json({ runs: [], nextCursor: null }, 200)
    const named = ids === undefined ? undefined : idsOf(ids)
    const page = await listRuns(bindingsOf(c.env).db, {
      sort,
      ...filter,
      limit: named ? MAX_IDS : limit,
      ...(named && { ids: named }),
      ...(after && { after }),
    })
    return c.json({ runs: page.runs, nextCursor: page.next && encodePosition(page.next) }, 200)
  })

  app.openapi(show, async (c) => c.json(await requireRun(c.env, c.req.valid('param').id), 200))

  app.openapi(checkpoint, async (c) => {
    const { id, job, style, status, resumptions } = await requireRun(c.env, c.req.valid('param').id)
    const lane = await readCheckpoint(bindingsOf(c.env).db, id)
    if (!lane) throw unknownRun(id)
    return c.json({ run: id, job, style, status, resumptions, ...lane }, 200)
  })

  app.openapi(slices, async (c) => {
    const { id } = await requireRun(c.env, c.req.valid('param').id)
    return c.json({ slices: await runObjects(c.env)(id).slices() }, 200)
  })

  app.openapi(skips, async (c) => {
    const { id } = await requireRun(c.env, c.req.valid('param').id)
    const { limit, cursor } = c.req.valid('query')
    const after = cursor?.split('-').map(Number) as [number, number] | undefined
    const page = await listSkips(bindingsOf(c.env).db, id, { limit, ...(after && { after }) })
    return c.json({ skips: page.skips, nextCursor: page.next && page.next.join('-') }, 200)
  })

  app.openapi(redrive, async (c) => {
    const run = await requireRun(c.env, c.req.valid('param').id)
    const job = registry.require(run.job)
    const created = await redriveRun(runObjects(c.env), bindingsOf(c.env).db, job, run)
    if (!created.ok) throw new ProblemError(created.code, `Run ${run.id} was re-driven otherwise`)
    return c.json(created.run, created.created ? 201 : 200)
  })

  app.openapi(verification, async (c) => {
    const run = await requireRun(c.env, c.req.valid('param').id)
    const worked = await runObjects(c.env)(run.id).slices()
    return c.json(await verifyRun(c.env, registry.get(run.job), run, worked), 200)
  })

  app.openapi(command, async (c) => {
    const { id, command: what } = c.req.valid('param')
    requireId(id)
    const answer = await runObjects(c.env)(id).command(what, given(c.req.valid('json') ?? {}))
    if (answer.ok) return c.json(answer.run, answer.pending ? 202 : 200)
    if (answer.code === 'unknown_run') throw unknownRun(id)
    throw new ProblemError(
      answer.code,
      `Run ${id} is ${answer.run.status}; ${what} is not possible then`,
    )
  })

  return app
}

/** How many runs can be asked for by their ids. */
const MAX_IDS = 100

/** What is no id names no run, and is left out as one that is not there. */
function idsOf(text: string): string[] {
  const ids = [...new Set(text.split(',').map((id) => id.trim()))].filter((id) => id !== '')
  if (ids.length <= MAX_IDS) return ids
  throw new ProblemError('invalid_query', `ids: ${ids.length} of them; expected ${MAX_IDS} at most`)
}

function encodePosition({ createdAt, id }: { createdAt: string; id: string }): string {
  return btoa(`${createdAt} ${id}`)
}

function decodePosition(cursor: string): { createdAt: string; id: string } {
  let text = ''
  try {
    text = atob(cursor)
  } catch {
    // Falls through to the same refusal as any other text that is no position.
  }
  const match = /^(\d{4}-[\d:.TZ-]+) ([0-9a-f]{32})$/.exec(text)
  if (!match)
    throw new ProblemError(
      'invalid_query',
      `cursor: '${cutText(cursor, 64)}' is not a nextCursor of this list`,
    )
  return { createdAt: match[1] as string, id: match[2] as string }
}
