import { isEnded } from '../../engine/run.ts'
import { useRef } from 'hono/jsx/dom'
import { client, type Commit, type NestedSteps, type Run, type Slice } from './api.ts'
import { useBeginning } from './effect.ts'
import { useRun } from './live.ts'
import { useQuery } from './query.ts'

const EVERY_MS = 2_000
const COMMITS = 500

/** A run, live, with its slices and commits; what is new of them is asked for until the run is over. */
export function useWatchedRun(id: string) {
  const first = useQuery(`run ${id}`, () => client.run(id))
  const live = useRun(id)
  const run = live.run ?? first.data
  const over = run !== undefined && isEnded(run.status)
  const state = run === undefined ? '' : `${run.status} ${run.slices}`
  const { slices, ledger } = useCourse(id, over ? undefined : EVERY_MS)
  useBeginning(() => {
    if (state === '') return
    slices.soon()
    ledger.soon()
  }, [state])
  return {
    run,
    /** The answer that stands for the run until it is there. */
    first,
    live,
    /** Changes when the run does, except for its progress. */
    state,
    slices,
    commits: ledger.data ?? NO_COMMITS,
  }
}

const NO_COMMITS: readonly Commit[] = []

/** The slices and commits of a run; those that are known for good are not asked for again. */
function useCourse(id: string, everyMs: number | undefined) {
  const known = useRef<Course>({ id, slices: [], commits: [] })
  const of = known.current?.id === id ? known.current : { id, slices: [], commits: [] }
  known.current = of
  const slices = useQuery(
    `slices ${id}`,
    async () => {
      const [open] = of.slices.filter(({ endedAt }) => endedAt === null)
      const after = open ? open.fence - 1 : (of.slices.at(-1)?.fence ?? 0)
      const page = await client.slices(id, { after })
      of.slices = [...of.slices.filter(({ fence }) => fence <= after), ...page.slices]
      return { slices: of.slices }
    },
    everyMs,
  )
  const ledger = useQuery(
    `ledger ${id}`,
    async () => {
      const after = of.commits[0]?.seq ?? 0
      const page = await client.ledger(id, { limit: COMMITS, after })
      of.commits = [...page.commits, ...of.commits].slice(0, COMMITS)
      return of.commits
    },
    everyMs,
  )
  return { slices, ledger }
}

interface Course {
  id: string
  slices: readonly Slice[]
  commits: readonly Commit[]
}

export type WatchedRun = ReturnType<typeof useWatchedRun>

/** The steps within the one that a watched run is in. */
export function useNestedSteps({ id, status, style }: Run, state: string): NestedSteps | undefined {
  const checkpoint = useQuery(
    style === 'iteration' ? undefined : `checkpoint ${id}`,
    () => client.checkpoint(id),
    isEnded(status) ? undefined : EVERY_MS,
  )
  useBeginning(() => checkpoint.soon(), [state])
  return checkpoint.data?.nestedSteps
}
