import { useState } from 'hono/jsx/dom'
import { useBeginning } from './effect.ts'

/**
 * Whether the Worker is out of reach: known once for the whole page, from whatever was asked last.
 * Each part keeps showing what it was told before.
 */
let lost = false
const listeners = new Set<(lost: boolean) => void>()

export function tellConnection(isLost: boolean): void {
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
