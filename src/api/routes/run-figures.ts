import { createRoute } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { breakDownRuns, countRuns, runsOverTime } from '../../search/index.ts'
import { given } from '../request/given.ts'
import { router } from '../router.ts'
import { STEER_RUNS } from '../steer-runs.ts'
import { HistogramQuerySchema, TotalsQuerySchema } from '../schemas/run-filter.ts'
import { HistogramSchema, TotalsSchema } from '../schemas/run-figures.ts'
import { json, problems } from '../schemas/runs.ts'

const totals = createRoute({
  method: 'get',
  path: '/totals',
  summary: 'How many runs fit',
  request: { query: TotalsQuerySchema },
  responses: { 200: json(TotalsSchema, 'Their number'), ...problems },
})

const histogram = createRoute({
  method: 'get',
  path: '/histogram',
  summary: 'How many runs fit, by the time of their creation',
  description:
    'In minutes, hours or days, to suit the time from `since` (or the oldest run) until `until` (or now). Buckets begin at whole ones of UTC.',
  request: { query: HistogramQuerySchema },
  responses: { 200: json(HistogramSchema, 'One bucket after the other'), ...problems },
})

/** Figures over the runs that fit a filter. */
export function runFigureRoutes(registry: Registry) {
  const app = router()
  app.openapi(totals, async (c) => {
    const { details, ...sought } = c.req.valid('query')
    if (sought.job !== undefined) registry.require(sought.job)
    const { db } = bindingsOf(c.env)
    if (!details) return c.json(await countRuns(db, given(sought)), 200)
    return c.json(await breakDownRuns(db, { ...given(sought), otherThan: STEER_RUNS }), 200)
  })
  app.openapi(histogram, async (c) => {
    const { buckets, ...sought } = c.req.valid('query')
    if (sought.job !== undefined) registry.require(sought.job)
    const { db } = bindingsOf(c.env)
    return c.json(await runsOverTime(db, given(sought), { now: Date.now(), buckets }), 200)
  })
  return app
}
