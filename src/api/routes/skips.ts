import { createRoute, z } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { redriveRun } from '../../engine/runs/redrive.ts'
import { listSkipGroups } from '../../engine/runs/skip-groups.ts'
import { SKIP_COLUMNS, type SkipFile, skipLine } from '../../engine/runs/skip-lines.ts'
import { eachSkip, listSkips } from '../../engine/runs/skips.ts'
import type { SkippedItem } from '../../engine/skipped-item.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import {
  SkipFileQuerySchema,
  SkipGroupsSchema,
  SkipsQuerySchema,
  SkipsSchema,
} from '../schemas/run-details.ts'
import { json, problems, RunSchema } from '../schemas/runs.ts'
import { requireRun, runParam } from './run-param.ts'

const skips = createRoute({
  method: 'get',
  path: '/{id}/skips',
  summary: 'Items that were recorded as failed and passed over',
  request: { ...runParam, query: SkipsQuerySchema },
  responses: { 200: json(SkipsSchema, 'One page'), ...problems },
})

const groups = createRoute({
  method: 'get',
  path: '/{id}/skips/groups',
  summary: 'The skipped items by their errors, the most frequent first',
  request: runParam,
  responses: { 200: json(SkipGroupsSchema, 'At most 100 groups'), ...problems },
})

const file = createRoute({
  method: 'get',
  path: '/{id}/skips/file',
  summary: 'All skipped items as a file, CSV or JSON lines',
  request: { ...runParam, query: SkipFileQuerySchema },
  responses: {
    200: {
      description: 'A line for each, as they are read; CSV has a line of names first',
      content: { 'text/csv': { schema: z.string() }, 'application/jsonl': { schema: z.string() } },
    },
    ...problems,
  },
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

/** The next lines are read when somebody takes these: as many items as there may be, they do not fill the memory. */
function linesOf(items: AsyncIterator<SkippedItem>, format: SkipFile): ReadableStream<string> {
  return new ReadableStream({
    start(controller) {
      if (format === 'csv') controller.enqueue(`${SKIP_COLUMNS}\r\n`)
    },
    async pull(controller) {
      const { done, value } = await items.next()
      if (done) controller.close()
      else controller.enqueue(skipLine(value, format) + (format === 'csv' ? '\r\n' : '\n'))
    },
    async cancel() {
      await items.return?.()
    },
  })
}

/** The skipped items of a run, and the run that handles them again. */
export function skipRoutes(registry: Registry) {
  const app = router()

  app.openapi(skips, async (c) => {
    const { id } = await requireRun(c, c.req.valid('param').id)
    const { limit, cursor, group } = c.req.valid('query')
    const after = cursor?.split('-').map(Number) as [number, number] | undefined
    const page = await listSkips(bindingsOf(c.env).db, id, {
      limit,
      ...(after && { after }),
      ...(group !== undefined && { group }),
    })
    return c.json({ skips: page.skips, nextCursor: page.next && page.next.join('-') }, 200)
  })

  app.openapi(groups, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    return c.json(await listSkipGroups(bindingsOf(c.env).db, run), 200)
  })

  app.openapi(file, async (c) => {
    const { id } = await requireRun(c, c.req.valid('param').id)
    const { format, group } = c.req.valid('query')
    const items = eachSkip(bindingsOf(c.env).db, id, group === undefined ? {} : { group })
    return new Response(linesOf(items, format).pipeThrough(new TextEncoderStream()), {
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl',
        'content-disposition': `attachment; filename="skips-${id.slice(0, 8)}.${format}"`,
      },
    })
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
