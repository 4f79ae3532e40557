import { createRoute, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { WatchFrame } from '../engine/index.ts'
import { router } from './router.ts'
import { requireId, runParam, unknownRun } from './run-param.ts'
import { problems } from './schemas.ts'

/** Proxies drop a connection on which nothing is said for long. */
const KEEP_ALIVE_MS = 25_000

const number = z.coerce.number().int().nonnegative()

const events = createRoute({
  method: 'get',
  path: '/{id}/events',
  summary: 'What happens to a run, live, as Server-Sent Events',
  description:
    'First the events after `Last-Event-ID` (or `after`; all that are kept when neither is given), each with its id; an event `run` with the run as it is whenever that changes.',
  request: {
    ...runParam,
    query: z.strictObject({ after: number.optional() }),
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
    const { id } = c.req.valid('param')
    requireId(id)
    const after = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').after ?? 0
    const { webSocket } = await c.env.RUNS.getByName(id).fetch(`https://run/?after=${after}`, {
      headers: { Upgrade: 'websocket' },
    })
    if (!webSocket) throw unknownRun(id)
    c.header('Cache-Control', 'no-store')
    return streamSSE(c, async (stream) => {
      const closed = Promise.withResolvers<void>()
      webSocket.addEventListener('message', ({ data }) => {
        const frame = JSON.parse(data as string) as WatchFrame
        void stream.writeSSE(
          'run' in frame
            ? { event: 'run', data: JSON.stringify(frame.run) }
            : {
                event: frame.event.type,
                id: `${frame.id}`,
                data: JSON.stringify(frame.event),
              },
        )
      })
      webSocket.addEventListener('close', () => closed.resolve())
      webSocket.addEventListener('error', () => closed.resolve())
      stream.onAbort(() => closed.resolve())
      webSocket.accept()
      const keepAlive = setInterval(() => void stream.write(': still here\n\n'), KEEP_ALIVE_MS)
      await closed.promise
      clearInterval(keepAlive)
      webSocket.close()
    })
  })
  return app
}
