import { client } from '../state/api.ts'
import { AlertList } from '../parts/alerts/alert-list.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { Webhooks } from '../parts/alerts/webhooks.tsx'
import { useQuery } from '../state/query.ts'
import { ZoneLabel } from '../parts/zone.tsx'
import { go, type Route } from '../state/route.ts'
import { useMay } from '../state/session.tsx'

const EVERY_MS = 3_000
const PAGE = 25

/** Alerts, and the webhooks that they go to. */
export function AlertsView({ route: { query } }: { route: Route }) {
  const may = useMay()
  return (
    <>
      <h1>Alerts</h1>
      <Raised query={query} />
      {may('operator') ? <Webhooks /> : null}
    </>
  )
}

function Raised({ query }: { query: URLSearchParams }) {
  const all = query.get('show') === 'all'
  const cursor = query.get('cursor') ?? undefined
  const alerts = useQuery(
    `alerts?${query}`,
    () =>
      client.alerts({
        limit: PAGE,
        ...(!all && { open: true }),
        ...(cursor && { cursor }),
      }),
    EVERY_MS,
  )
  const further = (next: string | null) => (next === null ? undefined : () => look(all, next))
  return (
    <section class="sheet flush" aria-labelledby="raised">
      <div class="head">
        <h2 id="raised">
          Raised <ZoneLabel />
        </h2>
        <Which all={all} />
      </div>
      <Answer of={alerts}>
        {(page) =>
          page.alerts.length === 0 ? (
            <Empty>{all ? 'Nothing was ever alerted.' : 'No alert is open. All is well.'}</Empty>
          ) : (
            <>
              <AlertList alerts={page.alerts} onDone={alerts.again} />
              <Pages
                back={cursor === undefined ? undefined : () => history.back()}
                further={further(page.nextCursor)}
              />
            </>
          )
        }
      </Answer>
    </section>
  )
}

function Which({ all }: { all: boolean }) {
  return (
    <div class="chips" role="group" aria-label="Which alerts">
      <button type="button" aria-pressed={`${!all}`} onClick={() => look(false)}>
        open
      </button>
      <button type="button" aria-pressed={`${all}`} onClick={() => look(true)}>
        all
      </button>
    </div>
  )
}

function look(all: boolean, cursor?: string): void {
  go(`/alerts?${new URLSearchParams({ ...(all && { show: 'all' }), ...(cursor && { cursor }) })}`)
}
