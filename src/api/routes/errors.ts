import { createRoute, z } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { listRuns } from '../../engine/runs/list.ts'
import { countErrorGroups, listErrorGroups, readErrorGroup } from '../../monitoring/index.ts'
import { given } from '../request/given.ts'
import { groupIdOf, unknownGroup } from '../request/group-id.ts'
import { decodePosition, encodePosition } from '../request/position.ts'
import { router } from '../router.ts'
import {
  ErrorGroupDetailsSchema,
  ErrorGroupsQuerySchema,
  ErrorGroupsSchema,
} from '../schemas/errors.ts'
import { json, problems } from '../schemas/runs.ts'

const LAST_RUNS = 10

export const groupParam = {
  params: z.object({
    id: z.string().openapi({
      description:
        'The id of a group, or 6 or more of its first characters when no other id begins so',
    }),
  }),
}

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Groups of errors that runs have failed with, those that occurred last first',
  request: { query: ErrorGroupsQuerySchema },
  responses: { 200: json(ErrorGroupsSchema, 'One page'), ...problems },
})

const show = createRoute({
  method: 'get',
  path: '/{id}',
  summary: 'One group of errors, with its trend and its newest runs',
  request: groupParam,
  responses: { 200: json(ErrorGroupDetailsSchema, 'The group'), ...problems },
})

/** The lists of groups, and each by itself. */
export function errorRoutes(registry: Registry) {
  const app = router()

  app.openapi(list, async (c) => {
    const { cursor, limit, ...asked } = c.req.valid('query')
    if (asked.job !== undefined) registry.require(asked.job)
    const after = cursor === undefined ? undefined : positionOf(cursor)
    const { db } = bindingsOf(c.env)
    const [{ groups, next }, totals] = await Promise.all([
      listErrorGroups(db, { limit, ...given(asked), ...(after && { after }) }, Date.now()),
      countErrorGroups(db, asked.job),
    ])
    const nextCursor = next && encodePosition(next.lastAt, next.id)
    return c.json({ groups, totals, nextCursor }, 200)
  })

  app.openapi(show, async (c) => {
    const { db } = bindingsOf(c.env)
    const id = await groupIdOf(c.env, c.req.valid('param').id)
    const [group, { runs }] = await Promise.all([
      readErrorGroup(db, id, Date.now()),
      listRuns(db, { group: id, limit: LAST_RUNS }),
    ])
    if (!group) throw unknownGroup(id)
    return c.json({ ...group, lastRuns: runs }, 200)
  })

  return app
}

function positionOf(cursor: string): { lastAt: string; id: string } {
  const { at, id } = decodePosition(cursor, 16)
  return { lastAt: at, id }
}
