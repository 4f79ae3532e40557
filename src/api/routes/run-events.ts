import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute, z } from '@hono/zod-openapi'
import { digits } from '../schemas/digits.ts'
import { eventPipe } from '../event-pipe.ts'
import { ProblemError } from '../problem.ts'
import { router } from '../router.ts'
import { runIdOf, unknownRun } from '../request/run-id.ts'
import { runParam } from './run-param.ts'
import { problems } from '../schemas/runs.ts'

/** Open streams of one caller in one isolate: each is a socket, and holds what its reader has not read. */
const MAX_STREAMS = 100
const openStreams = new Map<string, number>()

const number = digits(0)

const events = createRoute({
  method: 'get',
  path: '/{id}/events',
  summary: 'What happens to a run, live, as Server-Sent Events',
  description:
    "First the events after `Last-Event-ID` (or `after`; all that are kept when neither is given), each with its id; an event `run` with the run as it is whenever that changes. With `logs` also the job's own lines after the one of that id, each an event `line`.",
  request: {
    ...runParam,
    query: z.strictObject({ after: number.optional(), logs: number.optional() }),
    headers: z.object({ 'last-event-id': number.optional() }),
  },
  responses: {
    200: {
      description: 'A stream without an end; close it when you have seen enough',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
})

export function runEventRoutes() {
  const app = router()
  app.openapi(events, async (c) => {
    const id = await runIdOf(c, c.req.valid('param').id)
    const after = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').after ?? 0
    const { how, name } = c.var.caller
    // Whoever works on a local Worker may watch as often as it takes.
    const caller = how === 'dev' ? undefined : `${how} ${name}`
    const count = caller === undefined ? 0 : (openStreams.get(caller) ?? 0)
    if (count >= MAX_STREAMS) throw tooManyStreams(`You have ${count} streams open`)
    const { logs } = c.req.valid('query')
    const asked = new URLSearchParams({
      after: `${after}`,
      ...(logs !== undefined && { logs: `${logs}` }),
      ...(caller !== undefined && { caller }),
    })
    const { webSocket, status } = await bindingsOf(c.env)
      .runs.getByName(id)
      .fetch(`https://run/?${asked.toString()}`, {
        headers: { Upgrade: 'websocket' },
      })
    if (status === 429) throw tooManyStreams(`Run ${id} is watched by as many as it can tell`)
    if (!webSocket) throw unknownRun(id)
    const readable = eventPipe(webSocket, opened(caller))
    return c.body(readable, 200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
    })
  })
  return app
}

/** Counts a stream; what is returned is to be called at its end. */
function opened(caller: string | undefined): () => void {
  if (caller === undefined) return () => {}
  const add = (more: number) => {
    const count = (openStreams.get(caller) ?? 0) + more
    if (count > 0) openStreams.set(caller, count)
    else openStreams.delete(caller)
  }
  add(1)
  return () => add(-1)
}

function tooManyStreams(found: string): ProblemError {
  return new ProblemError('too_many_streams', `${found}; expected some to be closed before another`)
}
