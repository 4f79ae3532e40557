import type { JobRun } from '../../durable-objects/job-run.ts'
import type { SliceMessage } from '../engine/protocol.ts'

type Sender = Pick<Queue<SliceMessage>, 'send' | 'sendBatch'>

/** Whose messages go where; all other runs' go to the Worker's queue. */
const routes = new Map<string, Sender>()
const routed = new WeakSet<Cloudflare.Env>()

/**
 * Sends the messages of one run to `to`. The Durable Objects of an isolate share one `env`, so its
 * queue is replaced once, by one that looks at each message's run.
 */
export function routeMessages(object: JobRun, run: string, to: Sender): void {
  routes.set(run, to)
  const { env } = object as unknown as { env: Cloudflare.Env }
  if (routed.has(env)) return
  const real: Sender = env.QUEUE
  const send: Sender['send'] = (message, options) =>
    routes.get(message.run)?.send(message) ?? real.send(message, options)
  const router: Sender = {
    send,
    sendBatch: async (messages, options) => {
      for (const { body, ...own } of messages) await send(body, { ...options, ...own })
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
    },
  }
  env.QUEUE = router as typeof env.QUEUE
  routed.add(env)
}

export function stopRouting(run: string): void {
  routes.delete(run)
}
