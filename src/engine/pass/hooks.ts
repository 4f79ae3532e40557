import { decodeCursor } from '../cursor.ts'
import type { RunContext } from '../job/context.ts'
import { changing } from './lending.ts'
import type { Pass } from './pass.ts'
import { Scope, within } from './scope.ts'

type Hook<T> = (context: RunContext<unknown>) => T

/** Lets a hook work inside `perform`: what it leaves running can do nothing any more. */
export function inHook<T>(pass: Pass, hook: Hook<T>): Promise<Awaited<T>> {
  return lent(pass, () => pass.mayChange(), hook)
}

/** The same after `perform`, also when the slice was asked to stop. */
export function inLastHook<T>(pass: Pass, hook: Hook<T>): Promise<Awaited<T>> {
  pass.latch.signal = undefined
  return lent(pass, () => true, hook)
}

async function lent<T>(pass: Pass, mayChange: () => boolean, hook: Hook<T>): Promise<Awaited<T>> {
  const scope = new Scope()
  const own = changing(pass.pending, () => {
    scope.requireOpen()
    return mayChange()
  })
  const { context, continuation } = pass
  const position = pass.style === 'iteration' && {
    cursor: decodeCursor(continuation.cursor ?? 'null'),
  }
  try {
    return await within(scope, () => hook({ ...context, ...own, ...position }))
  } finally {
    scope.end()
  }
}
