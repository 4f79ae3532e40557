import { log } from '../engine/log.ts'
import { DogearError } from '../engine/errors.ts'
import type { Dogear, Host, Wrapped } from './dogear.ts'
import { isOwn, partition } from './messages.ts'

/** A host's Worker with Dogear as its guest, which takes only what is its own. */
export function wrapped<Message>(host: Host<Message>, dogear: Dogear): Wrapped<Message> {
  if (wraps.has(host)) {
    throw new DogearError(
      'invalid_options',
      'wrap got a Worker that has a Dogear already; a Worker has one, since both would take the same messages and the same tick. Expected one createDogear with all jobs',
    )
  }
  const worker: Wrapped<Message> = {
    ...host,
    async fetch(request, env, ctx) {
      if (dogear.owns(request)) return dogear.fetch(request, env, ctx)
      return (await host.fetch?.(request, env, ctx)) ?? new Response(null, { status: 404 })
    },
    async queue(batch, env, ctx) {
      const [own, foreign] = partition(batch.messages, isOwn)
      // At once: the host's messages need not wait for slices, and no error of the host's cuts these off.
      const works = await Promise.allSettled([
        own.length > 0 && dogear.queue(only(batch, own), env),
        foreign.length > 0 && handled(host, only(batch, foreign), env, ctx),
      ])
      for (const work of works) if (work.status === 'rejected') throw work.reason
    },
    async scheduled(controller, env, ctx) {
      if (!(await dogear.scheduled(controller, env))) await host.scheduled?.(controller, env, ctx)
    },
  }
  wraps.add(worker)
  return worker
}

/** Workers that have a Dogear. */
const wraps = new WeakSet<object>()

/** Leaves the host's messages to the host. */
async function handled<Message>(
  host: Host<Message>,
  batch: MessageBatch<Message>,
  env: Cloudflare.Env,
  ctx: ExecutionContext,
): Promise<void> {
  if (host.queue) return host.queue(batch, env, ctx)
  for (const message of batch.messages) {
    // Nobody here handles it, and left alone it would be taken for handled: the queue's dead letters get it.
    message.retry()
    log.error('message.foreign', { queue: batch.queue })
  }
}

/** A batch of these messages only: what is done to all, is done to them. */
function only<Message>(
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
