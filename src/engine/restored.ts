import type { Driving } from './driving.ts'
import type { NewRun } from './protocol.ts'
import type { StoredRun } from './run-store.ts'

/** What an object that lost its own storage knows of its run, from D1. */
export function restored(stored: StoredRun): { run: NewRun; known: Partial<Driving> } {
  const { fence, createdAt, rev, seen, options, ...definition } = stored
  // Whether its directive was met is not known any more: going on is what matters.
  const { interrupt: _interrupt, ...rest } = options
  return {
    run: { ...definition, options: rest },
    known: {
      fence,
      seen,
      createdAt: Date.parse(createdAt),
      rev: rev + 1,
      inD1: true,
      ...progressOf(seen),
    },
  }
}

function progressOf({ progress = 0 }: StoredRun['seen']): Partial<Driving> {
  return { progress, progressBefore: progress }
}
