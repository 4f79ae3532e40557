import { useState } from 'hono/jsx/dom'
import { client, type RunsQuery } from '../api.ts'
import { Bulk } from '../parts/bulk.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { RunFilters } from '../parts/run-filters.tsx'
import { RunTable } from '../parts/run-table.tsx'
import { StartHead } from '../parts/start-head.tsx'
import { useQuery } from '../query.ts'
import { go, type Route } from '../route.ts'
import { chosen, filterOf, isFiltered, queryOf } from '../run-filter.ts'
import { useMay } from '../session.tsx'

const EVERY_MS = 2_000
const PAGE = 25

/** All runs: filtered, page by page, and steered many at a time. */
export function RunsView({ route: { query } }: { route: Route }) {
  const filter = filterOf(query)
  const cursor = query.get('cursor') ?? undefined
  const asked: RunsQuery = { ...chosen(filter), limit: PAGE, ...(cursor && { cursor }) }
  const may = useMay()
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  // The pages that lead here, so that one can go back; a link from elsewhere knows none.
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([])
  const page = useQuery(`runs?${query}`, () => client.runs(asked), EVERY_MS)

  const turn = (to: string | undefined, pages: readonly (string | undefined)[]) => {
    setTrail(pages)
    go(`/runs?${queryOf(filter, to)}`)
    scrollTo(0, 0)
  }
  // Of a page that was come to by its address, all that is known is where the list begins.
  const first = cursor === undefined ? undefined : () => turn(undefined, [])
  // What is not on the screen any more is not chosen any more: nobody would see what is steered.
  const shown = page.data?.runs ?? []
  const marked = new Set(shown.map(({ id }) => id).filter((id) => ticked.has(id)))
  const choose = (ids: readonly string[], on: boolean) => {
    const next = new Set(marked)
    for (const id of ids) {
      if (on) next.add(id)
      else next.delete(id)
    }
    setTicked(next)
  }

  return (
    <>
      <StartHead title="Runs" />
      <RunFilters
        filter={filter}
        onChange={(changes) => {
          setTrail([])
          go(`/runs?${queryOf({ ...filter, ...changes })}`, { replace: true })
        }}
      />
      {may('operator') ? <Bulk chosen={[...marked]} filter={filter} onDone={page.again} /> : null}
      <section class="sheet flush" aria-label="Runs">
        <Answer of={page}>
          {({ runs, nextCursor }) =>
            runs.length === 0 ? (
              <Empty>
                {isFiltered(filter) ? (
                  <>
                    No run fits. <a href="/runs">All runs</a>
                  </>
                ) : (
                  <>
                    There are no runs yet. <a href="/start">Start one</a>.
                  </>
                )}
              </Empty>
            ) : (
              <>
                <RunTable runs={runs} {...(may('operator') && { chosen: marked, choose })} />
                <Pages
                  back={trail.length === 0 ? first : () => turn(trail.at(-1), trail.slice(0, -1))}
                  further={
                    nextCursor === null ? undefined : () => turn(nextCursor, [...trail, cursor])
                  }
                />
              </>
            )
          }
        </Answer>
      </section>
    </>
  )
}
