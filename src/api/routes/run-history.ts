import { createRoute } from '@hono/zod-openapi'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { given } from '../request/given.ts'
import { ofNewerObject } from '../newer-object.ts'
import { laneOf } from '../request/lane.ts'
import { router } from '../router.ts'
import {
  HistoryQuerySchema,
  HistorySchema,
  LogsQuerySchema,
  LogsSchema,
  StretchesQuerySchema,
  StretchesSchema,
} from '../schemas/history.ts'
import { json, problems } from '../schemas/runs.ts'
import { requireRun, runParam } from './run-param.ts'

const history = createRoute({
  method: 'get',
  path: '/{id}/history',
  summary: 'The events of a run, newest first',
  description:
    'The newest 1,000 and more are kept whole; of older ones what went wrong, what people asked for, and what began and ended, for the life of the run. `leftOut` counts the rest.',
  request: { ...runParam, query: HistoryQuerySchema },
  responses: { 200: json(HistorySchema, 'One page'), ...problems },
})

const logs = createRoute({
  method: 'get',
  path: '/{id}/logs',
  summary: "The lines that a run's own code has written, newest first",
  description:
    'What `run.log` was given. The newest 5,000 lines and 1 MB are kept, and of older ones warnings and errors. At least once: an item that is handled again tells its lines again, under another fence.',
  request: { ...runParam, query: LogsQuerySchema },
  responses: { 200: json(LogsSchema, 'One page'), ...problems },
})

const stretches = createRoute({
  method: 'get',
  path: '/{id}/stretches',
  summary: 'The whole course of a run, in at most 513 stretches of time',
  request: { ...runParam, query: StretchesQuerySchema },
  responses: {
    200: json(StretchesSchema, 'Those in which something happened, oldest first'),
    ...problems,
  },
})

/** The past of a run: what happened, what its job had to say, and how fast it went. */
export function runHistoryRoutes() {
  const app = router()

  app.openapi(history, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const { cursor, lane, ...query } = c.req.valid('query')
    const asked = { ...given(query), limit: query.limit }
    const { next, ...page } = await ofNewerObject(run.id, () =>
      runObjects(c.env)(laneOf(run, lane)).history({
        ...asked,
        ...(cursor !== undefined && { before: Number(cursor) }),
      }),
    )
    return c.json({ ...page, nextCursor: next === null ? null : String(next) }, 200)
  })

  app.openapi(logs, async (c) => {
    const run = await requireRun(c, c.req.valid('param').id)
    const { cursor, lane, ...query } = c.req.valid('query')
    const asked = { ...given(query), limit: query.limit }
    const { next, ...page } = await ofNewerObject(run.id, () =>
      runObjects(c.env)(laneOf(run, lane)).logs({
        ...asked,
        ...(cursor !== undefined && { before: Number(cursor) }),
      }),
    )
    return c.json({ ...page, nextCursor: next === null ? null : String(next) }, 200)
  })

  app.openapi(stretches, async (c) => {
    const { id } = await requireRun(c, c.req.valid('param').id)
    const { after } = c.req.valid('query')
    const since = after === undefined ? undefined : Date.parse(after)
    return c.json(await ofNewerObject(id, () => runObjects(c.env)(id).stretches(since)), 200)
  })

  return app
}
