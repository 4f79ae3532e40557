import { decodeCursor } from '../cursor.ts'
import type { NoAttributes, RunContext } from '../job/context.ts'
import type { Pass } from './pass.ts'
import { effectsInto } from './pending-effects.ts'
import { Scope, within } from './scope.ts'
import { NO_ATTRIBUTES } from './seen-attributes.ts'

/**
 * What user code is lent to change the commit to come by. Each use is checked first: the checks throw,
 * or are false for what is to be dropped silently.
 */
export function changing(
  pass: Pass,
  mayAdd: () => boolean,
  mayChange = mayAdd,
): Pick<RunContext<unknown>, 'effects' | 'attributes' | 'expectTotal'> {
  const { effects, attributes } = pass.pending
  return {
    effects: effectsInto(effects, mayAdd),
    attributes: (attributes?.seenBy(mayChange) ?? NO_ATTRIBUTES) as NoAttributes,
    expectTotal: (total) => {
      if (mayChange()) pass.pending.expectTotal(total)
    },
  }
}

type Hook<T> = (context: RunContext<unknown>) => T

/** Lets a hook work inside `perform`: what it leaves running can do nothing any more. */
export function inHook<T>(pass: Pass, hook: Hook<T>): Promise<Awaited<T>> {
  return lent(pass, () => pass.mayChange(), hook)
}

/** The same after `perform`, also when the slice was told to stop. */
export function inLastHook<T>(pass: Pass, hook: Hook<T>): Promise<Awaited<T>> {
  pass.latch.signal = undefined
  return lent(pass, () => true, hook)
}

async function lent<T>(pass: Pass, mayChange: () => boolean, hook: Hook<T>): Promise<Awaited<T>> {
  const scope = new Scope()
  const own = changing(pass, () => {
    scope.requireOpen()
    return mayChange()
  })
  const { context, tools, continuation } = pass
  const cursor = decodeCursor(continuation.cursor ?? 'null')
  const position = tools.job.body.style === 'iteration' && { cursor }
  try {
    return await within(scope, () => hook({ ...context, ...own, ...position }))
  } finally {
    scope.end()
  }
}
