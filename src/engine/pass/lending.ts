import { decodeCursor } from '../cursor.ts'
import type { NoAttributes, RunContext } from '../job/context.ts'
import type { Performance } from './pass.ts'
import { effectsInto } from './pending-effects.ts'
import { Scope, within } from './scope.ts'
import { NO_ATTRIBUTES } from './seen-attributes.ts'

/**
 * What user code is lent to change the commit to come by. Each use is checked first: the checks throw,
 * or are false for what is to be dropped silently.
 */
export function changing(
  performance: Performance,
  mayAdd: () => boolean,
  mayChange = mayAdd,
): Pick<RunContext<unknown>, 'effects' | 'attributes' | 'expectTotal'> {
  const { effects, attributes } = performance.pending
  return {
    effects: effectsInto(effects, mayAdd),
    attributes: (attributes?.seenBy(mayChange) ?? NO_ATTRIBUTES) as NoAttributes,
    expectTotal: (total) => {
      if (mayChange()) performance.pending.expectTotal(total)
    },
  }
}

type Hook<T> = (context: RunContext<unknown>) => T

/** Lets a hook work inside `perform`: what it leaves running can do nothing any more. */
export function inHook<T>(performance: Performance, hook: Hook<T>): Promise<Awaited<T>> {
  return lent(performance, () => performance.mayChange(), hook)
}

/** The same after `perform`, also when the slice was told to stop. */
export function inLastHook<T>(performance: Performance, hook: Hook<T>): Promise<Awaited<T>> {
  performance.latch.signal = undefined
  return lent(performance, () => true, hook)
}

async function lent<T>(
  performance: Performance,
  mayChange: () => boolean,
  hook: Hook<T>,
): Promise<Awaited<T>> {
  const scope = new Scope()
  const own = changing(performance, () => {
    scope.requireOpen()
    return mayChange()
  })
  const { context, tools, continuation } = performance
  const cursor = decodeCursor(continuation.cursor ?? 'null')
  const position = tools.job.body.style === 'iteration' && { cursor }
  try {
    return await within(scope, () => hook({ ...context, ...own, ...position }))
  } finally {
    scope.end()
  }
}
