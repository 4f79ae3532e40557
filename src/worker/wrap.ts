import { log } from '../engine/log.ts'
import type { Dogear, Host, Wrapped } from './dogear.ts'

/** A host's Worker with Dogear as its guest, which takes only what is its own. */
export function wrapped<Message>(host: Host<Message>, dogear: Dogear): Wrapped<Message> {
  return {
    ...host,
    async fetch(request, env, ctx) {
      if (dogear.owns(request)) return dogear.fetch(request, env, ctx)
      return (await host.fetch?.(request, env, ctx)) ?? new Response(null, { status: 404 })
    },
    async queue(batch, env, ctx) {
      const foreign = await dogear.queue(batch, env)
      if (foreign.length === 0) return
      if (host.queue) return host.queue(restOf(batch, foreign), env, ctx)
      for (const message of foreign) {
        // Nobody here handles it, and left alone it would be taken for handled: the queue's dead letters get it.
        message.retry()
        log.error('message.foreign', { queue: batch.queue })
      }
    },
    async scheduled(controller, env, ctx) {
      if (!(await dogear.scheduled(controller, env))) await host.scheduled?.(controller, env, ctx)
    },
  }
}

/** The batch as the host is to see it: what it does to all, it does to its own messages. */
function restOf<Message>(
  batch: MessageBatch<Message>,
  messages: readonly globalThis.Message<Message>[],
): MessageBatch<Message> {
  return new Proxy(batch, {
    get(target, property) {
      if (property === 'messages') return messages
      if (property === 'ackAll') return () => messages.forEach((message) => message.ack())
      if (property === 'retryAll') {
        return (options?: QueueRetryOptions) =>
          messages.forEach((message) => message.retry(options))
      }
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
