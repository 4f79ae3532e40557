import { env } from 'cloudflare:workers'
import { runObjects } from '../../src/engine/consumer.ts'
import type { RunObject } from '../../src/engine/protocol.ts'
import type { RunObjects } from '../../src/engine/start.ts'
import { FaultyDatabase, type D1Call, type Fault } from '../../src/testing/faulty-database.ts'
import { deliver, type Overrides } from './drive.ts'

/** Where an invocation dies: it does nothing any more, and hears of nothing. */
export type Death =
  | { d1: (call: D1Call) => boolean; when: 'before' | 'after' }
  | { object: keyof RunObject; when: 'before' | 'after' }

const never = new Promise<never>(() => undefined)

/**
 * Delivers to an invocation that dies at the given point, as if its process had been killed there.
 * Resolves when it is dead.
 */
export async function deliverAndDie(
  run: string,
  death: Death,
  overrides: Overrides = {},
): Promise<void> {
  let dead = false
  const { promise: died, resolve: die } = Promise.withResolvers<void>()
  const now = (): void => {
    dead = true
    die()
  }

  const db = new FaultyDatabase(env.DB, (call): Fault | undefined => {
    if (dead) return 'hangs'
    if (!('d1' in death) || !death.d1(call)) return undefined
    // What D1 is asked last may still arrive there, but nobody is left to hear the answer.
    queueMicrotask(now)
    return death.when === 'before' ? 'hangs' : 'hangs_after'
  })

  const objects: RunObjects = (id) =>
    new Proxy(runObjects(env)(id), {
      get(target, property) {
        const method = Reflect.get(target, property) as (...args: unknown[]) => Promise<unknown>
        return async (...args: unknown[]) => {
          if (dead) return never
          const here = 'object' in death && death.object === property
          if (here && death.when === 'before') now()
          const answer = dead ? never : await Reflect.apply(method, target, args)
          if (here) now()
          return dead ? never : answer
        }
      },
    })

  const lived = deliver(run, { ...overrides, DB: db.binding, objects }).then(() => {
    throw new Error('the invocation lived to its end')
  })
  await Promise.race([died, lived])
  // Lets what was sent last arrive.
  await env.DB.prepare('SELECT 1').run()
}

/** D1 calls by what they are. */
export const isCommit = ({ sql }: D1Call): boolean =>
  sql.some((text) => text.includes('INTO ledger'))
export const isEnd = ({ sql }: D1Call): boolean =>
  sql.some((text) => text.includes('SET status = ?2'))
export const isRaise = ({ sql }: D1Call): boolean =>
  sql.some((text) => text.includes('UPDATE lanes SET fence'))
export const isClose = ({ sql }: D1Call): boolean =>
  sql.some((text) => text.includes('SET closed_at'))

/** The nth D1 call (from 1) that `matches`. */
export function nth(n: number, matches: (call: D1Call) => boolean): (call: D1Call) => boolean {
  let seen = 0
  return (call) => matches(call) && ++seen === n
}

/** A plan that does `fault` to one call. */
export function once(
  matches: (call: D1Call) => boolean,
  fault: Fault,
): (call: D1Call) => Fault | undefined {
  return (call) => (matches(call) ? fault : undefined)
}
