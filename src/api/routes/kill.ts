import { createRoute } from '@hono/zod-openapi'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { runIdOf, unknownRun } from '../request/run-id.ts'
import { runParam } from './run-param.ts'
import { json, problems, RunSchema } from '../schemas/runs.ts'

const kill = createRoute({
  method: 'post',
  path: '/{id}/kill',
  summary: 'Kill the slice that works on a run, as a crash would',
  description:
    'At its next report the slice dies on the spot: what it has not committed is lost, it releases nothing and says nothing. The run comes back by itself once the lease has run out, about 5 s later. To see, or to test, that a crash does no harm.',
  request: runParam,
  responses: {
    202: json(RunSchema, 'Its slice is about to die; the timeline shows it as vanished'),
    ...problems,
  },
})

export function killRoutes() {
  const app = router()
  app.openapi(kill, async (c) => {
    const id = await runIdOf(c, c.req.valid('param').id)
    const answer = await runObjects(c.env)(id).kill(c.var.caller.name)
    if (answer.ok) return c.json(answer.run, 202)
    if (answer.code === 'unknown_run') throw unknownRun(id)
    throw new ProblemError(
      answer.code,
      `Run ${id} is ${answer.run.status}, and no slice works on it; expected one that is running`,
    )
  })
  return app
}
