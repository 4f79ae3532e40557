import { isEnded } from '../../engine/run.ts'
import { useRef } from 'hono/jsx/dom'
import { client, type NestedSteps, type Run, type Slice, type StretchList } from './api.ts'
import { useBeginning } from './effect.ts'
import { useRun } from './live.ts'
import { useQuery } from './query.ts'

const EVERY_MS = 2_000
/** Slices that are shown one by one; those before them by stretches. */
const SLICES = 200

/** A run, live, with its slices and its course; what is new of them is asked for until the run is over. */
export function useWatchedRun(id: string) {
  const first = useQuery(`run ${id}`, () => client.run(id))
  const live = useRun(id)
  const run = live.run ?? first.data
  const over = run !== undefined && isEnded(run.status)
  const state = run === undefined ? '' : `${run.status} ${run.slices}`
  const { slices, stretches } = useCourse(id, over ? undefined : EVERY_MS)
  useBeginning(() => {
    if (state === '') return
    slices.soon()
    stretches.soon()
  }, [state])
  return {
    run,
    /** The answer that stands for the run until it is there. */
    first,
    live,
    /** Changes when the run does, except for its progress. */
    state,
    slices,
    stretches: stretches.data ?? NO_STRETCHES,
  }
}

const NO_STRETCHES: StretchList = { widthMs: 0, stretches: [] }

/** The slices and the stretches of a run; those that are known for good are not asked for again. */
function useCourse(id: string, everyMs: number | undefined) {
  const known = useRef<Course>(nothingOf(id))
  const of = known.current?.id === id ? known.current : nothingOf(id)
  known.current = of
  const slices = useQuery(
    `slices ${id}`,
    async () => {
      const [open] = of.slices.filter(({ endedAt }) => endedAt === null)
      const after = open ? open.fence - 1 : (of.slices.at(-1)?.fence ?? 0)
      const { slices: news, total } = await client.slices(id, { after, limit: SLICES })
      of.slices = [...of.slices.filter(({ fence }) => fence <= after), ...news].slice(-SLICES)
      return { slices: of.slices, total }
    },
    everyMs,
  )
  const stretches = useQuery(`stretches ${id}`, () => moreStretches(of), everyMs)
  return { slices, stretches }
}

/** Asks for what has changed since. Once they are wider than those that are known, all of them are new. */
async function moreStretches(of: Course): Promise<StretchList> {
  const last = of.stretches.stretches.at(-1)
  const { widthMs } = of.stretches
  const news = await client.stretches(of.id, last && { after: last.from })
  if (last && news.widthMs !== widthMs) of.stretches = await client.stretches(of.id)
  else {
    const first = news.stretches[0]?.from ?? ''
    const before = first === '' ? of.stretches.stretches : until(of.stretches, first)
    of.stretches = { widthMs: news.widthMs, stretches: [...before, ...news.stretches] }
  }
  return of.stretches
}

function until({ stretches }: StretchList, time: string): StretchList['stretches'] {
  return stretches.filter(({ from }) => from < time)
}

interface Course {
  id: string
  slices: readonly Slice[]
  stretches: StretchList
}

function nothingOf(id: string): Course {
  return { id, slices: [], stretches: NO_STRETCHES }
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
