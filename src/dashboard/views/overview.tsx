import { useContext } from 'hono/jsx/dom'
import { STATUSES, type Status } from '../../engine/run.ts'
import { AddedViews } from '../added-view.ts'
import { client, type Overview, type Run } from '../api.ts'
import { ActiveRuns } from '../parts/active-runs.tsx'
import { Attention } from '../parts/attention.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { Schedules } from '../parts/schedules.tsx'
import { StartHead } from '../parts/start-head.tsx'
import { useQuery } from '../query.ts'
import { useMay } from '../session.tsx'
import { count, duration } from '../words.ts'

const UNDER_WAY: readonly Status[] = ['running', 'interrupted', 'queued', 'paused']
const EVERY_MS = 1_500
const SHOWN = 10

async function underWay(): Promise<Run[]> {
  const pages = await Promise.all(UNDER_WAY.map((status) => client.runs({ status, limit: SHOWN })))
  return pages.flatMap(({ runs }) => runs)
}

/** What is going on, and what needs somebody's eye. */
export function OverviewView() {
  const overview = useQuery('overview', () => client.overview(), EVERY_MS)
  const active = useQuery('under way', underWay, EVERY_MS)
  const schedules = useQuery('schedules', () => client.schedules(), 30_000)
  const may = useMay()
  const added = useContext(AddedViews)
  return (
    <>
      <StartHead title="Overview" />
      <Answer of={overview}>
        {(all) => (
          <>
            <Statuses counts={all.runsByStatus} />
            <Health overview={all} />
          </>
        )}
      </Answer>
      <div class="split">
        <section class="sheet flush" aria-labelledby="active">
          <div class="head">
            <h2 id="active">Under way</h2>
            <a class="small" href="/runs">
              All runs
            </a>
          </div>
          <Answer of={active}>
            {(runs) =>
              runs.length === 0 ? (
                <Empty>
                  No run is under way.
                  {may('operator') ? (
                    <>
                      {' '}
                      <a href="/start">Start one</a>
                      {added.map(({ path, invite }) =>
                        invite === undefined ? null : (
                          <>
                            , or <a href={`/${path}`}>{invite}</a>
                          </>
                        ),
                      )}
                      .
                    </>
                  ) : null}
                </Empty>
              ) : (
                <ActiveRuns runs={runs} />
              )
            }
          </Answer>
        </section>
        <div class="stack">
          <section class="sheet flush" aria-labelledby="attention">
            <div class="head">
              <h2 id="attention">Needs attention</h2>
              <a class="small" href="/alerts">
                Alerts
              </a>
            </div>
            <Answer of={overview}>
              {({ needsAttention }) => <Attention items={needsAttention} onDone={overview.again} />}
            </Answer>
          </section>
          <section class="sheet flush" aria-labelledby="schedules">
            <div class="head">
              <h2 id="schedules">Schedules</h2>
            </div>
            <Answer of={schedules}>{(all) => <Schedules schedules={all.schedules} />}</Answer>
          </section>
        </div>
      </div>
    </>
  )
}

/** Runs by status; each leads to the runs themselves. */
function Statuses({ counts }: { counts: Overview['runsByStatus'] }) {
  return (
    <nav class="statuses" aria-label="Runs by status">
      {STATUSES.map((status) => {
        const runs = counts[status] ?? 0
        return (
          <a
            key={status}
            href={`/runs?status=${status}`}
            class={`sheet ear tone-${runs === 0 ? 'none' : status}`}
          >
            <span class="figure big">{count(runs)}</span>
            <span class="label">
              <span class="dot" /> {status}
            </span>
          </a>
        )
      })}
    </nav>
  )
}

function Health({ overview }: { overview: Overview }) {
  const { itemsPerSecond, commitMs, queueLagMs, checkpointHealth, averageResumptions } = overview
  const { judged, healthy } = checkpointHealth
  const figures: [string, string, string][] = [
    ['Items per second', count(Math.round(itemsPerSecond)), 'over the last one to two minutes'],
    ['A commit takes', orDash(commitMs.p50), `95 % up to ${orDash(commitMs.p95)}`],
    ['In the queue', orDash(queueLagMs.p50), `95 % up to ${orDash(queueLagMs.p95)}`],
    [
      'Fresh checkpoints',
      judged === 0 ? '–' : `${healthy} of ${judged}`,
      'runs that commit as they should',
    ],
    [
      'Resumptions',
      averageResumptions === null ? '–' : String(averageResumptions),
      'of a run that has ended, on average',
    ],
  ]
  return (
    <dl class="sheet health" aria-label="Health">
      {figures.map(([name, value, hint]) => (
        <div key={name}>
          <dt class="label">{name}</dt>
          <dd class="figure">{value}</dd>
          <dd class="quiet hint">{hint}</dd>
        </div>
      ))}
    </dl>
  )
}

function orDash(ms: number | null): string {
  return ms === null ? '–' : duration(ms)
}
