import { useState } from 'hono/jsx/dom'
import { useBeginning } from './effect.ts'

/**
 * True while the Worker is out of reach: known once for the whole page, from whatever was asked last.
 * Each part keeps showing what it had.
 */
let lost = false
let lostAt = 0
const listeners = new Set<(lost: boolean) => void>()

/** An answer to what was asked before the loss was on its way already, and proves nothing. */
export function tellConnection(isLost: boolean, askedAt = performance.now()): void {
  if (isLost) lostAt = performance.now()
  else if (askedAt < lostAt) return
  if (isLost === lost) return
  lost = isLost
  for (const listener of listeners) listener(lost)
}

export function useConnectionLost(): boolean {
  const [shown, show] = useState(lost)
  useBeginning(() => {
    listeners.add(show)
    show(lost)
    return () => {
      listeners.delete(show)
    }
  }, [])
  return shown
}
