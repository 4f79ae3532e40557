import { createRoute } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { findRuns } from '../../search/index.ts'
import { ProblemError } from '../problem.ts'
import { given } from '../request/given.ts'
import { decodePosition, encodePosition } from '../request/position.ts'
import { router } from '../router.ts'
import { ListQuerySchema } from '../schemas/run-filter.ts'
import { json, problems, RunPageSchema, RunSchema } from '../schemas/runs.ts'
import { requireRun, runParam } from './run-param.ts'

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

/** The lists of runs, and each by itself. */
export function runRoutes(registry: Registry) {
  const app = router()

  app.openapi(list, async (c) => {
    const { limit, sort, cursor, ids, ...sought } = c.req.valid('query')
    if (sought.job !== undefined) registry.require(sought.job)
    const after = cursor === undefined ? undefined : positionOf(cursor)
    const named = ids === undefined ? undefined : idsOf(ids)
    const page = await findRuns(
      bindingsOf(c.env).db,
      { ...given(sought), ...(named && { ids: named }) },
      { sort, limit: named ? MAX_IDS : limit, ...(after && { after }) },
    )
    return c.json(
      {
        runs: page.runs,
        nextCursor: page.next && encodePosition(page.next.createdAt, page.next.id),
      },
      200,
    )
  })

  app.openapi(show, async (c) => c.json(await requireRun(c, c.req.valid('param').id), 200))

  return app
}

/** The most runs that can be asked for by their ids. */
const MAX_IDS = 100

/** What is no id names no run, and is left out as one that is not there. */
function idsOf(text: string): string[] {
  const ids = [...new Set(text.split(',').map((id) => id.trim()))].filter((id) => id !== '')
  if (ids.length <= MAX_IDS) return ids
  throw new ProblemError('invalid_query', `ids: ${ids.length} of them; expected ${MAX_IDS} at most`)
}

function positionOf(cursor: string): { createdAt: string; id: string } {
  const { at, id } = decodePosition(cursor, 32)
  return { createdAt: at, id }
}
