import { useState } from 'hono/jsx/dom'
import { client, type RunsQuery } from '../state/api.ts'
import { useChoosing } from '../state/choosing.ts'
import { Bulk } from '../parts/runs/bulk.tsx'
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

const EVERY_MS = 2_000
const PAGE = 25

/** All runs: filtered, page by page, and steered many at a time. */
export function RunsView({ route: { query } }: { route: Route }) {
  const filter = filterOf(query)
  const cursor = query.get('cursor') ?? undefined
  const asked: RunsQuery = { ...chosen(filter), limit: PAGE, ...(cursor && { cursor }) }
  const may = useMay()
  const page = useQuery(`runs?${query}`, () => client.runs(asked), EVERY_MS)
  const { back, further, refilter } = usePages(filter, cursor)
  const choosing = useChoosing(page.data?.runs ?? [])
  return (
    <>
      <StartHead title="Runs" />
      <RunFilters filter={filter} onChange={refilter} />
      {may('operator') ? (
        <Bulk chosen={[...choosing.chosen]} filter={filter} onDone={page.again} />
      ) : null}
      <section class="sheet flush" aria-label="Runs">
        <Answer of={page}>
          {({ runs, nextCursor }) =>
            runs.length === 0 ? (
              <NoRuns filter={filter} />
            ) : (
              <>
                <RunTable runs={runs} choosing={may('operator') ? choosing : undefined} />
                <Pages back={back} further={further(nextCursor)} />
              </>
            )
          }
        </Answer>
      </section>
    </>
  )
}

/** Turns the pages of the list. */
function usePages(filter: FilterForm, cursor: string | undefined) {
  // The pages that lead here, so that one can go back; a link from elsewhere knows none.
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([])
  const turn = (to: string | undefined, pages: readonly (string | undefined)[]) => {
    setTrail(pages)
    go(`/runs?${queryOf(filter, to)}`)
    scrollTo(0, 0)
  }
  // Of a page that was come to by its address, all that is known is where the list begins.
  const first = cursor === undefined ? undefined : () => turn(undefined, [])
  return {
    back: trail.length === 0 ? first : () => turn(trail.at(-1), trail.slice(0, -1)),
    further: (next: string | null) =>
      next === null ? undefined : () => turn(next, [...trail, cursor]),
    refilter: (changes: Partial<FilterForm>) => {
      setTrail([])
      go(`/runs?${queryOf({ ...filter, ...changes })}`, { replace: true })
    },
  }
}

function NoRuns({ filter }: { filter: FilterForm }) {
  return (
    <Empty>
      {isFiltered(filter) ? (
        <>
          No run fits. <a href={href('/runs')}>All runs</a>
        </>
      ) : (
        <>
          There are no runs yet. <a href={href('/start')}>Start one</a>.
        </>
      )}
    </Empty>
  )
}
