import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute } from '@hono/zod-openapi'
import { readOverview } from '../../monitoring/index.ts'
import { OverviewSchema } from '../schemas/overview.ts'
import { router } from '../router.ts'
import { json, problems } from '../schemas/runs.ts'

const overview = createRoute({
  method: 'get',
  path: '/',
  summary: 'How all runs are doing',
  responses: { 200: json(OverviewSchema, 'As of now'), ...problems },
})

export function overviewRoutes() {
  const app = router()
  app.openapi(overview, async (c) =>
    c.json(await readOverview(bindingsOf(c.env).db, Date.now()), 200),
  )
  return app
}
