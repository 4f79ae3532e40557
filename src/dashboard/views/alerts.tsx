import { client } from '../api.ts'
import { AlertList } from '../parts/alert-list.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { Webhooks } from '../parts/webhooks.tsx'
import { useQuery } from '../query.ts'
import { go, type Route } from '../route.ts'
import { useMay } from '../session.tsx'

const EVERY_MS = 3_000
const PAGE = 25

/** What has been alerted, and to whom it is told. */
export function AlertsView({ route: { query } }: { route: Route }) {
  const may = useMay()
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
  const look = (show: string, next?: string | null) =>
    go(`/alerts?${new URLSearchParams({ ...(show && { show }), ...(next && { cursor: next }) })}`)
  return (
    <>
      <h1>Alerts</h1>
      <section class="sheet flush" aria-labelledby="raised">
        <div class="head">
          <h2 id="raised">Raised</h2>
          <div class="chips" role="group" aria-label="Which alerts">
            <button type="button" aria-pressed={`${!all}`} onClick={() => look('')}>
              open
            </button>
            <button type="button" aria-pressed={`${all}`} onClick={() => look('all')}>
              all
            </button>
          </div>
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
                  further={
                    page.nextCursor === null
                      ? undefined
                      : () => look(all ? 'all' : '', page.nextCursor)
                  }
                />
              </>
            )
          }
        </Answer>
      </section>
      {may('operator') ? <Webhooks /> : null}
    </>
  )
}
