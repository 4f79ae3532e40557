import { createRoute, z } from '@hono/zod-openapi'
import { digits } from './digits.ts'
import { router } from './router.ts'
import { requireId, runParam, unknownRun } from './run-param.ts'
import { problems } from './schemas.ts'

/** Proxies drop a connection on which nothing is said for long. */
const KEEP_ALIVE_MS = 25_000

const number = digits(0)

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
    // Made of bytes: Hono's own stream passes each chunk through two more in JavaScript, per watcher.
    const { readable, writable } = new IdentityTransformStream()
    const writer = writable.getWriter()
    const bytes = new TextEncoder()
    const send = (text: string) => void writer.write(bytes.encode(text)).catch(() => undefined)
    const keepAlive = setInterval(() => send(': still here\n\n'), KEEP_ALIVE_MS)
    const end = () => {
      clearInterval(keepAlive)
      writer.close().catch(() => undefined)
    }
    webSocket.addEventListener('message', ({ data }) => send(data as string))
    webSocket.addEventListener('close', end)
    webSocket.addEventListener('error', end)
    // The watcher has left.
    writer.closed.catch(() => {
      clearInterval(keepAlive)
      webSocket.close()
    })
    webSocket.accept()
    return c.body(readable, 200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
    })
  })
  return app
}
