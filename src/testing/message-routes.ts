import type { RunHost } from '../../durable-objects/run-host.ts'
import { isQueue } from '../engine/bindings.ts'
import type { SliceMessage } from '../engine/drive/protocol.ts'

type Sender = Pick<Queue<SliceMessage>, 'send' | 'sendBatch'>

/** The queue of each run whose messages do not go to the Worker's. */
const routes = new Map<string, Sender>()
const routers = new WeakSet<object>()

/**
 * Sends the messages of one run to `to`, whichever queue they are meant for. The Durable Objects of an
 * isolate share one `env`, so each of its queues is replaced once, by one that looks at each message's run.
 */
export function routeMessages(object: RunHost, run: string, to: Sender): void {
  routes.set(run, to)
  const { env } = object as unknown as { env: Cloudflare.Env }
  const bindings = env as unknown as Record<string, unknown>
  for (const [name, binding] of Object.entries(bindings)) {
    if (!isQueue(binding) || routers.has(binding)) continue
    const routed = router(binding as Sender)
    routers.add(routed)
    bindings[name] = routed
  }
}

function router(real: Sender): Sender {
  const send: Sender['send'] = (message, options) =>
    routes.get(message.run)?.send(message) ?? real.send(message, options)
  return {
    send,
    sendBatch: async (messages, options) => {
      for (const { body, ...own } of messages) await send(body, { ...options, ...own })
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
    },
  }
}

export function stopRouting(run: string): void {
  routes.delete(run)
}
