import { createRoute, z } from '@hono/zod-openapi'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { COMMANDS } from '../../engine/run.ts'
import { ProblemError } from '../problem.ts'
import { given } from '../request/given.ts'
import { router } from '../router.ts'
import { CommandSchema, json, problems, RunSchema } from '../schemas/runs.ts'
import { runIdOf, unknownRun } from '../request/run-id.ts'
import { runParam } from './run-param.ts'

const command = createRoute({
  method: 'post',
  path: `/{id}/{command}`,
  summary: 'Steer a run',
  request: {
    params: runParam.params.extend({ command: z.enum(COMMANDS) }),
    body: { content: { 'application/json': { schema: CommandSchema } } },
  },
  responses: {
    200: json(RunSchema, 'Done'),
    202: json(RunSchema, 'Asked for; the run shows it when it is so'),
    ...problems,
  },
})

/** The commands of people to a run. */
export function commandRoutes() {
  const app = router()

  app.openapi(command, async (c) => {
    const { id: named, command: what } = c.req.valid('param')
    const id = await runIdOf(c, named)
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
