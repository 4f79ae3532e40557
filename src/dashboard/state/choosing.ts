import { useState } from 'hono/jsx/dom'
import type { Run } from './api.ts'

/** Runs that are ticked, to be steered together. */
export interface Choosing {
  chosen: ReadonlySet<string>
  choose: (ids: readonly string[], on: boolean) => void
}

/** What is not on the screen any more is not chosen any more: nobody would see what is steered. */
export function useChoosing(shown: readonly Run[]): Choosing {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const chosen = new Set(shown.map(({ id }) => id).filter((id) => ticked.has(id)))
  const choose = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosen)
    for (const id of ids) {
      if (on) next.add(id)
      else next.delete(id)
    }
    setTicked(next)
  }
  return { chosen, choose }
}
