import type { RunObject } from '../../src/engine/drive/protocol.ts'
import {
  type D1Call,
  type Fault,
  killAfter,
  killBefore,
  type SliceCall,
} from '../../src/testing/index.ts'
import { bench, partsOf, due, type Overrides } from './drive.ts'

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
  const kill = death.when === 'before' ? killBefore : killAfter
  const here = ({ d1, object }: SliceCall): boolean =>
    'd1' in death ? d1 !== undefined && death.d1(d1) : object?.method === death.object
  const message = await due(run)
  await kill(run, here, { deps: partsOf(overrides), message }, bench)
}

/** A plan that does `fault` to one call. */
export function once(
  matches: (call: D1Call) => boolean,
  fault: Fault,
): (call: D1Call) => Fault | undefined {
  return (call) => (matches(call) ? fault : undefined)
}
