import { isEnded } from '../engine/run.ts'
import { client, type Commit } from './api.ts'
import { useBeginning } from './effect.ts'
import { useRun } from './live.ts'
import { useQuery } from './query.ts'

const EVERY_MS = 1_000
/** Hundreds of rows each time. */
const LEDGER_EVERY_MS = 2_000
const COMMITS = 500
const NO_COMMITS: readonly Commit[] = []

/** A run with its slices, checkpoint and commits; each is asked for again until the run is over. */
export function useWatchedRun(id: string) {
  const first = useQuery(`run ${id}`, () => client.run(id))
  const live = useRun(id)
  const run = live.run ?? first.data
  const over = run !== undefined && isEnded(run.status)
  const every = over ? undefined : EVERY_MS
  const state = run === undefined ? '' : `${run.status} ${run.slices}`
  const slices = useQuery(`slices ${id}`, () => client.slices(id), every)
  const checkpoint = useQuery(`checkpoint ${id}`, () => client.checkpoint(id), every)
  const ledger = useQuery(
    `ledger ${id}`,
    () => client.ledger(id, { limit: COMMITS }),
    over ? undefined : LEDGER_EVERY_MS,
  )
  useBeginning(() => {
    slices.again()
    checkpoint.again()
    ledger.again()
  }, [state])
  return {
    run,
    problem: first.problem,
    live,
    /** Changes when the run does, except for its progress. */
    state,
    slices,
    nested: checkpoint.data?.nestedSteps,
    commits: ledger.data?.commits ?? NO_COMMITS,
  }
}

export type WatchedRun = ReturnType<typeof useWatchedRun>
