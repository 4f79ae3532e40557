import { useState } from 'hono/jsx/dom'
import type { Problem } from './api.ts'
import { useConnectionLost } from './connection.ts'
import { problemOf } from './query.ts'

/** Something that a person has asked for: whether it is under way, and what was wrong with it. */
export interface Action {
  /** Nothing more can be asked for now: something is under way, or the Worker is out of reach. */
  busy: boolean
  problem: Problem | undefined
  /** Does it, one at a time. */
  act: (what: () => Promise<unknown>) => void
}

export function useAction(onDone?: () => void): Action {
  const lost = useConnectionLost()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const run = async (what: () => Promise<unknown>) => {
    setBusy(true)
    try {
      await what()
      setProblem(undefined)
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
    onDone?.()
  }
  // Nothing that is pressed would arrive.
  return { busy: busy || lost, problem, act: (what) => void run(what) }
}
