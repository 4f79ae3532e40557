import { isEnded } from '../../engine/run.ts'
import { client, type Commit, type NestedSteps, type Run } from './api.ts'
import { useBeginning } from './effect.ts'
import { useRun } from './live.ts'
import { useQuery } from './query.ts'

const EVERY_MS = 1_000
/** Hundreds of rows each time. */
const LEDGER_EVERY_MS = 2_000
const COMMITS = 500
const NO_COMMITS: readonly Commit[] = []

/** A run, live, with its slices and commits; they are asked for again until the run is over. */
export function useWatchedRun(id: string) {
  const first = useQuery(`run ${id}`, () => client.run(id))
  const live = useRun(id)
  const run = live.run ?? first.data
  const over = run !== undefined && isEnded(run.status)
  const state = run === undefined ? '' : `${run.status} ${run.slices}`
  const slices = useQuery(`slices ${id}`, () => client.slices(id), over ? undefined : EVERY_MS)
  const ledger = useQuery(
    `ledger ${id}`,
    () => client.ledger(id, { limit: COMMITS }),
    over ? undefined : LEDGER_EVERY_MS,
  )
  useBeginning(() => {
    slices.again()
    ledger.again()
  }, [state])
  return {
    run,
    /** The answer that stands for the run until it is there. */
    first,
    live,
    /** Changes when the run does, except for its progress. */
    state,
    slices,
    commits: ledger.data?.commits ?? NO_COMMITS,
  }
}

export type WatchedRun = ReturnType<typeof useWatchedRun>

/** The steps within the one that a watched run is in. */
export function useNestedSteps({ id, status }: Run, state: string): NestedSteps | undefined {
  const checkpoint = useQuery(
    `checkpoint ${id}`,
    () => client.checkpoint(id),
    isEnded(status) ? undefined : EVERY_MS,
  )
  useBeginning(() => checkpoint.again(), [state])
  return checkpoint.data?.nestedSteps
}
