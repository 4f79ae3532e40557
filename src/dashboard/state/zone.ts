import { useState } from 'hono/jsx/dom'
import type { Zone } from '../words/times.ts'
import { useBeginning } from './effect.ts'

/** Of this browser, for every Worker of the origin. */
const KEY = 'dogear-zone'

let zone: Zone = remembered()
const listeners = new Set<(zone: Zone) => void>()

/** A browser may refuse to remember anything. */
function remembered(): Zone {
  try {
    return localStorage.getItem(KEY) === 'utc' ? 'utc' : 'local'
  } catch {
    return 'local'
  }
}

export function setZone(next: Zone): void {
  zone = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // It holds until the page is left.
  }
  for (const listener of listeners) listener(next)
}

/** The clock that the whole page shows times by. */
export function useZone(): Zone {
  const [shown, show] = useState(zone)
  useBeginning(() => {
    listeners.add(show)
    show(zone)
    return () => {
      listeners.delete(show)
    }
  }, [])
  return shown
}
