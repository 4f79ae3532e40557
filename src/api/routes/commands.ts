import { createRoute, z } from '@hono/zod-openapi'
import { runObjects } from '../../engine/drive/run-objects.ts'
import type { Commanded } from '../../engine/drive/protocol.ts'
import { errorAtItem } from '../../engine/errors.ts'
import { type Command, COMMANDS, type RunView } from '../../engine/run.ts'
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

function onlyWithRetry(what: Command): ProblemError {
  return new ProblemError(
    'invalid_request',
    `passOver came with '${what}'; expected it with 'retry' alone`,
  )
}

type Refusal = Extract<Commanded, { ok: false; run: RunView }>

/** What was found instead of what the command wants. */
function refusal({ code, run }: Refusal, what: Command, asked = ''): string {
  const { id, status, error } = run
  const at = errorAtItem(error)?.at
  switch (code) {
    case 'invalid_transition':
      return `Run ${id} is ${status}; ${what} is not possible then`
    case 'other_item':
      return `Run ${id} stopped at item ${at?.cursor} (passOver '${at?.place}'), not at '${asked}'; nothing was changed`
    case 'no_item_to_pass_over':
      return at
        ? `The item that run ${id} failed at has no name that can be shown: it holds a sensitive value, or is too long; only a retry that tries it again is possible`
        : `The error of run ${id} (${error?.code ?? error?.name ?? 'none'}) names no item of a walk, so there is none to pass over; only a retry that does it all again from the checkpoint is possible`
  }
}

/** The commands of people to a run. */
export function commandRoutes() {
  const app = router()

  app.openapi(command, async (c) => {
    const { id: named, command: what } = c.req.valid('param')
    const { passOver, ...options } = given(c.req.valid('json') ?? {})
    if (passOver !== undefined && what !== 'retry') throw onlyWithRetry(what)
    const id = await runIdOf(c, named)
    const object = runObjects(c.env)(id)
    const answer = await (passOver === undefined
      ? object.command(what, { ...options, by: c.var.caller.name })
      : object.passOver(passOver, c.var.caller.name))
    if (answer.ok) return c.json(answer.run, answer.pending ? 202 : 200)
    if (answer.code === 'unknown_run') throw unknownRun(id)
    throw new ProblemError(answer.code, refusal(answer, what, passOver))
  })

  return app
}
