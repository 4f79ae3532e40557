import type { NoAttributes, RunContext } from '../job/context.ts'
import type { PendingCommit } from './pending-commit.ts'
import { effectsInto } from './pending-effects.ts'
import { NO_ATTRIBUTES } from './seen-attributes.ts'

/**
 * The means to change the commit to come, lent to user code. Each use is checked first: the checks throw,
 * or are false for what is to be dropped silently.
 */
export function changing(
  pending: PendingCommit,
  mayAdd: () => boolean,
  mayChange = mayAdd,
): Pick<RunContext<unknown>, 'effects' | 'attributes' | 'expectTotal'> {
  return {
    effects: effectsInto(pending.effects, mayAdd),
    attributes: (pending.attributes?.seenBy(mayChange) ?? NO_ATTRIBUTES) as NoAttributes,
    expectTotal: (total) => {
      if (mayChange()) pending.expectTotal(total)
    },
  }
}
