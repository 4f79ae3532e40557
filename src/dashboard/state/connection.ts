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

/** The time until which the Worker answers this caller no more; 0 when it does. */
let heldUntil = 0
const heldListeners = new Set<(until: number) => void>()

export function tellHeld(ms: number): void {
  heldUntil = Math.max(heldUntil, Date.now() + ms)
  for (const listener of heldListeners) listener(heldUntil)
  setTimeout(() => {
    if (Date.now() < heldUntil) return
    heldUntil = 0
    for (const listener of heldListeners) listener(0)
  }, ms + 10)
}

export function useHeld(): number {
  const [shown, show] = useState(heldUntil)
  useBeginning(() => {
    heldListeners.add(show)
    show(heldUntil)
    return () => {
      heldListeners.delete(show)
    }
  }, [])
  return shown
}
