import { bindingsOf } from '../bindings.ts'
import { clockOf } from '../clock.ts'
import { codeVersion } from '../code-version.ts'
import type { SliceMessage } from '../drive/protocol.ts'
import { runObjects } from '../drive/run-objects.ts'
import type { Registry } from '../job/registry.ts'
import { log } from '../log.ts'
import { DEFAULT_BUDGET } from '../policies/budget-limits.ts'
import {
  D1Usage,
  meteredDatabase,
  StatementBudget,
  STATEMENTS_PER_INVOCATION,
} from '../store/d1/metered-database.ts'
import type { SliceDeps, SliceListener } from './deps.ts'
import { KillSwitch } from './kill-switch.ts'
import { runSlice } from './slice.ts'

/** A message of a queue, as far as `consume` needs it. */
export interface QueueMessage {
  body: unknown
  ack(): void
}

/** Dependencies of the slices of a delivery. */
export interface ConsumerDeps extends Omit<SliceDeps, 'statements'> {
  /** Makes a listener for each slice, beside `onEvent`: to add up what happens in it, say. */
  listener?: () => SliceListener
}

/**
 * Works a delivery of messages: all at once, each a slice of its own run, sharing the invocation's D1
 * statements; then, one after the other, those of runs whose last slice vanished: should one of them end
 * the isolate again, it takes no other slice with it. Every message of Dogear's is acknowledged, whatever became of it: a lost slice comes back
 * by its object's alarm, and a message that was retried would only be one more duplicate.
 *
 * Answers the messages that are not Dogear's, untouched and not acknowledged: they are the host's. What
 * a queue handler returns without a word about, Cloudflare takes for acknowledged: handle or `retry()` them.
 */
export async function consume<Message extends QueueMessage>(
  delivery: readonly Message[],
  { listener: listen, ...deps }: ConsumerDeps,
): Promise<Message[]> {
  const messages = delivery.filter(isDogearMessage)
  const statements = new StatementBudget(STATEMENTS_PER_INVOCATION)
  const share = Math.max(1, Math.floor(DEFAULT_BUDGET.statements / messages.length))
  const work = async (message: Message & { body: SliceMessage }, most?: number): Promise<void> => {
    const listener = listen?.()
    const onEvent: SliceDeps['onEvent'] = (event) => {
      try {
        listener?.take(event)
      } finally {
        deps.onEvent?.(event)
      }
    }
    try {
      await runSlice(message.body, {
        ...deps,
        ...(listener && { onEvent }),
        statements,
        ...(most !== undefined && { statementShare: most }),
      })
    } catch (error) {
      log.error('slice.lost', { message: message.body, error })
    } finally {
      message.ack()
    }
    if (listener?.done) await tellDone(listener, bindingsOf(deps.env).db, statements)
  }
  // Settled: whatever becomes of one run, the others keep their slices.
  await Promise.allSettled(
    messages.filter(({ body }) => !body.alone).map((message) => work(message, share)),
  )
  for (const message of messages.filter(({ body }) => body.alone)) {
    // eslint-disable-next-line no-await-in-loop -- one at a time is the point
    await work(message).catch(() => undefined)
  }
  return delivery.filter((message) => !isDogearMessage(message))
}

async function tellDone(
  listener: SliceListener,
  db: D1Database,
  statements: StatementBudget,
): Promise<void> {
  try {
    await listener.done?.(meteredDatabase(db, new D1Usage(statements, new KillSwitch())))
  } catch (error) {
    log.error('listener.failed', { type: 'done', error })
  }
}

const RUN_ID = /^[0-9a-f]{32}$/

/** True for a message of Dogear's: that a lane of a run is due. All others are the host's. */
export function isDogearMessage<Message extends { body: unknown }>(
  message: Message,
): message is Message & { body: SliceMessage } {
  const { body } = message
  if (typeof body !== 'object' || body === null) return false
  const { run, lane, n } = body as Record<string, unknown>
  return typeof run === 'string' && RUN_ID.test(run) && isCount(lane) && isCount(n)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** Dependencies of a slice of the deployed Worker. */
export function workerDeps(env: Cloudflare.Env, jobs: Registry): ConsumerDeps {
  return {
    env,
    jobs,
    objects: runObjects(env),
    clock: clockOf(env),
    wallMs: Number(env.SLICE_WALL_MS) || DEFAULT_BUDGET.wallMs,
    codeVersion: codeVersion(env),
  }
}
