import { env } from 'cloudflare:workers'
import type { RunObject } from '../../src/engine/drive/protocol.ts'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { type D1Call, type Fault, Invocation } from '../../src/testing/index.ts'
import { deliver, type Overrides } from './drive.ts'

export { isClose, isCommit, isEnd, isRaise, nth } from '../../src/testing/index.ts'

/** Where an invocation dies: it does nothing any more, and hears of nothing. */
export type Death =
  | { d1: (call: D1Call) => boolean; when: 'before' | 'after' }
  | { object: keyof RunObject; when: 'before' | 'after' }

/**
 * Delivers to an invocation that dies at the given point, as if its process had been killed there.
 * Resolves when it is dead.
 */
export async function deliverAndDie(
  run: string,
  death: Death,
  overrides: Overrides = {},
): Promise<void> {
  const invocation = new Invocation({ env, objects: runObjects(env) }, ({ d1, object }) => {
    const here = 'd1' in death ? d1 && death.d1(d1) : object?.method === death.object
    if (!here) return undefined
    return death.when === 'before' ? 'dies_before' : 'dies_after'
  })
  const lived = deliver(run, {
    ...overrides,
    env: invocation.env,
    objects: invocation.objects,
  }).then(() => {
    throw new Error('the invocation lived to its end')
  })
  await Promise.race([invocation.died, lived])
}

/** A plan that does `fault` to one call. */
export function once(
  matches: (call: D1Call) => boolean,
  fault: Fault,
): (call: D1Call) => Fault | undefined {
  return (call) => (matches(call) ? fault : undefined)
}
