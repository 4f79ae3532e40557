import { STATUSES, type Status } from '../../engine/run.ts'
import { api, type Run } from '../api.ts'
import { Answer } from '../parts/notice.tsx'
import { RunTable } from '../parts/run-table.tsx'
import { useQuery } from '../query.ts'

const ACTIVE: readonly Status[] = ['running', 'interrupted', 'queued', 'paused']
const EVERY_MS = 2_000

async function newest(): Promise<Record<Status, Run[]>> {
  const pages = await Promise.all(
    STATUSES.map(async (status) => [status, (await api.runs({ status }, undefined, 10)).items]),
  )
  return Object.fromEntries(pages) as Record<Status, Run[]>
}

/** What is going on, and what needs somebody's eye. */
export function OverviewView() {
  const runs = useQuery('overview', newest, EVERY_MS)
  return (
    <>
      <h1>Overview</h1>
      <Answer of={runs}>
        {(by) => {
          const active = ACTIVE.flatMap((status) => by[status])
          const attention = [
            ...by.failed,
            ...active.filter((run) => run.attention !== undefined || run.held),
          ]
          const ended = [...by.completed, ...by.cancelled]
            .toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt))
            .slice(0, 10)
          return (
            <>
              <section aria-labelledby="active">
                <h2 id="active">Under way</h2>
                {active.length === 0 ? (
                  <p class="quiet">
                    No run is under way. <a href="/start">Start one</a>.
                  </p>
                ) : (
                  <RunTable runs={active} />
                )}
              </section>
              {attention.length > 0 ? (
                <section aria-labelledby="attention">
                  <h2 id="attention">Needs attention</h2>
                  <RunTable runs={attention} />
                </section>
              ) : null}
              <section aria-labelledby="ended">
                <h2 id="ended">Ended lately</h2>
                {ended.length === 0 ? <p class="quiet">None yet.</p> : <RunTable runs={ended} />}
              </section>
            </>
          )
        }}
      </Answer>
    </>
  )
}
