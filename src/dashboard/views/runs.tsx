import { useState } from 'hono/jsx/dom'
import { client, type Run, type RunsQuery, type RunTotals } from '../state/api.ts'
import { useChoosing } from '../state/choosing.ts'
import { Bulk } from '../parts/runs/bulk.tsx'
import { Histogram } from '../parts/runs/histogram.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { RunFilters } from '../parts/runs/run-filters.tsx'
import { RunTable } from '../parts/runs/run-table.tsx'
import { StartHead } from '../parts/start-head.tsx'
import { useQuery } from '../state/query.ts'
import { go, type Route } from '../state/route.ts'
import { chosen, filterOf, isFiltered, queryOf, type FilterForm } from '../forms/run-filter.ts'
import { useMay } from '../state/session.tsx'
import { href } from '../state/base.ts'
import { placeWords } from '../words/totals.ts'

const EVERY_MS = 2_000
const TOTALS_EVERY_MS = 10_000
const PAGE = 25

/** All runs: filtered, page by page, and steered many at a time. */
export function RunsView({ route: { query } }: { route: Route }) {
  const filter = filterOf(query)
  const cursor = query.get('cursor') ?? undefined
  const asked: RunsQuery = { ...chosen(filter), limit: PAGE, ...(cursor && { cursor }) }
  const may = useMay()
  const page = useQuery(`runs?${query}`, () => client.runs(asked), EVERY_MS)
  const totals = useTotals(filter)
  const { from, back, first, further, refilter } = usePages(filter, cursor)
  const choosing = useChoosing(page.data?.runs ?? [])
  return (
    <>
      <StartHead title="Runs" />
      <RunFilters filter={filter} onChange={refilter} />
      <Histogram filter={filter} onPick={refilter} />
      {may('operator') ? (
        <Bulk
          chosen={(page.data?.runs ?? []).filter(({ id }) => choosing.chosen.has(id))}
          filter={filter}
          totals={totals}
          onDone={page.again}
        />
      ) : null}
      <section class="sheet flush" aria-label="Runs">
        <Answer of={page}>
          {({ runs, nextCursor }) => (
            <>
              {runs.length === 0 ? (
                <NoRuns filter={filter} more={nextCursor !== null} />
              ) : (
                <RunTable runs={runs} choosing={may('operator') ? choosing : undefined} />
              )}
              <Pages
                first={first}
                back={back}
                further={further(runs, nextCursor)}
                place={placeWords(from, runs.length, totals)}
              />
            </>
          )}
        </Answer>
      </section>
    </>
  )
}

function useTotals(filter: FilterForm): RunTotals | undefined {
  const fitting = { ...filter, sort: '' }
  return useQuery(
    `totals?${queryOf(fitting)}`,
    () => client.runTotals(chosen(fitting)),
    TOTALS_EVERY_MS,
  ).data
}

/** A page of the list, and how many runs come before it; unknown where one came to it by its address. */
interface Turned {
  cursor: string | undefined
  from: number | undefined
}

const FIRST: Turned = { cursor: undefined, from: 1 }

/** Turns the pages of the list. */
function usePages(filter: FilterForm, cursor: string | undefined) {
  // The pages that lead here and the one that is shown, so that one can go back.
  const [trail, setTrail] = useState<readonly Turned[]>([FIRST])
  const shown = trail.at(-1)
  const known =
    shown?.cursor === cursor ? shown : { cursor, from: cursor === undefined ? 1 : undefined }
  const before = known === shown ? trail.slice(0, -1) : []
  const turn = (to: Turned, pages: readonly Turned[]) => {
    setTrail([...pages, to])
    go(`/runs?${queryOf(filter, to.cursor)}`)
    scrollTo(0, 0)
  }
  const last = before.at(-1)
  const first = cursor === undefined ? undefined : () => turn(FIRST, [])
  return {
    from: known?.from,
    first: before.length > 1 ? first : undefined,
    back: last ? () => turn(last, before.slice(0, -1)) : first,
    further: (runs: readonly Run[], next: string | null) =>
      next === null
        ? undefined
        : () =>
            turn(
              {
                cursor: next,
                from: known?.from === undefined ? undefined : known.from + runs.length,
              },
              [...before, known ?? FIRST],
            ),
    refilter: (changes: Partial<FilterForm>) => {
      setTrail([FIRST])
      go(`/runs?${queryOf({ ...filter, ...changes })}`, { replace: true })
    },
  }
}

function NoRuns({ filter, more }: { filter: FilterForm; more: boolean }) {
  if (!isFiltered(filter)) {
    return (
      <Empty>
        There are no runs yet. <a href={href('/start')}>Start one</a>.
      </Empty>
    )
  }
  return (
    <Empty>
      {more ? 'No run fits among those looked at so far; further ones may.' : 'No run fits.'}{' '}
      <a href={href('/runs')}>All runs</a>
      {filter.q === '' ? null : (
        <p class="small">
          Search looks for each word in job, label and error, and for ids by their first 6
          characters or more. Words of 1 or 2 characters must begin a job.
        </p>
      )}
    </Empty>
  )
}
