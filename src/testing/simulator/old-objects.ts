import { type Clock, systemClock } from '../../engine/clock.ts'
import type { RunObject, RunObjects } from '../../engine/drive/protocol.ts'

/** How long objects keep their old code after a deploy. Without either they keep it for good. */
export interface OldCode {
  /** So many ms from now. Cloudflare's own is five minutes at most. */
  forMs?: number
  /** Until so many calls have been made to the object. */
  forCalls?: number
}

/**
 * Objects just after a deploy: each call goes to `old` while the object keeps its old code, and to `today`
 * after that. `forCalls` is counted for each object by itself.
 */
export function objectsKeepingOldCode(
  { old, today }: { old: RunObjects; today: RunObjects },
  { forMs = Infinity, forCalls = Infinity }: OldCode,
  clock: Clock = systemClock,
): RunObjects {
  const until = clock.now() + forMs
  const calls = new Map<string, number>()
  const current = (run: string): RunObject => {
    const number = (calls.get(run) ?? 0) + 1
    calls.set(run, number)
    return number <= forCalls && clock.now() < until ? old(run) : today(run)
  }
  return (run) =>
    new Proxy({} as RunObject, {
      get: (_target, method) => {
        return (...args: unknown[]) => {
          const object = current(run)
          const call = Reflect.get(object, method) as (...all: unknown[]) => Promise<unknown>
          return Reflect.apply(call, object, args)
        }
      },
    })
}
