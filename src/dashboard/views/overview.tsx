import { STATUSES, type Status } from '../../engine/run.ts'
import { api, type Overview, type Run, type Schedule } from '../api.ts'
import { Answer } from '../parts/notice.tsx'
import { RunTable } from '../parts/run-table.tsx'
import { useQuery } from '../query.ts'
import { count, duration } from '../words.ts'

const UNDER_WAY: readonly Status[] = ['running', 'interrupted', 'queued', 'paused']
const EVERY_MS = 2_000
const SHOWN = 10

async function underWay(): Promise<Run[]> {
  const pages = await Promise.all(UNDER_WAY.map((status) => api.runs({ status }, undefined, SHOWN)))
  return pages.flatMap(({ items }) => items)
}

/** What is going on, and what needs somebody's eye. */
export function OverviewView() {
  const overview = useQuery('overview', api.overview, EVERY_MS)
  const active = useQuery('under way', underWay, EVERY_MS)
  const schedules = useQuery('schedules', api.schedules, 30_000)
  return (
    <>
      <h1>Overview</h1>
      <Answer of={overview}>
        {(all) => (
          <>
            <Tiles overview={all} />
            <Attention items={all.needsAttention} />
          </>
        )}
      </Answer>
      <section aria-labelledby="active">
        <h2 id="active">Under way</h2>
        <Answer of={active}>
          {(runs) =>
            runs.length === 0 ? (
              <p class="quiet">
                No run is under way. <a href="/start">Start one</a>.
              </p>
            ) : (
              <>
                <RunTable runs={runs} />
                <p class="quiet">
                  At most {SHOWN} of each status; <a href="/runs">all runs</a>.
                </p>
              </>
            )
          }
        </Answer>
      </section>
      <section aria-labelledby="schedules">
        <h2 id="schedules">Schedules</h2>
        <Answer of={schedules}>{(all) => <Schedules schedules={all} />}</Answer>
      </section>
    </>
  )
}

function Tiles({ overview }: { overview: Overview }) {
  const { runsByStatus, itemsPerSecond, commitMs, queueLagMs, checkpointHealth } = overview
  const figures: [string, string][] = [
    ['Items per second', count(Math.round(itemsPerSecond))],
    ['Commit, 95 %', orDash(commitMs.p95)],
    ['Queue lag, 95 %', orDash(queueLagMs.p95)],
    [
      'Fresh checkpoints',
      checkpointHealth.judged === 0
        ? '–'
        : `${checkpointHealth.healthy} of ${checkpointHealth.judged}`,
    ],
  ]
  return (
    <dl class="facts tiles">
      {STATUSES.map((status) => (
        <div key={status}>
          <dt>
            <a href={`/runs?status=${status}`}>{status}</a>
          </dt>
          <dd class={`figures ${status}`}>{count(runsByStatus[status] ?? 0)}</dd>
        </div>
      ))}
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="figures">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function orDash(ms: number | null): string {
  return ms === null ? '–' : duration(ms)
}

function Attention({ items }: { items: Overview['needsAttention'] }) {
  if (items.length === 0) return null
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul class="attention">
        {items.map(({ run, job, status, problem }) => (
          <li key={run}>
            <a href={`/runs/${run}`}>{job}</a> <span class={`badge ${status}`}>{status}</span>{' '}
            {problem}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Schedules({ schedules }: { schedules: readonly Schedule[] }) {
  if (schedules.length === 0) return <p class="quiet">None.</p>
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Schedule</th>
            <th>Job</th>
            <th>When</th>
            <th>Next</th>
            <th>Last run</th>
            <th>Ticks skipped</th>
          </tr>
        </thead>
        <tbody>
          {schedules.map(({ name, job, cron, timeZone, nextTick, lastRun, skipped }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{job}</td>
              <td>
                <code>{cron}</code> <span class="quiet">{timeZone}</span>
              </td>
              <td>
                <time dateTime={nextTick}>{nextTick.slice(0, 16).replace('T', ' ')}</time>
              </td>
              <td>
                {lastRun ? <a href={`/runs/${lastRun.run}`}>{lastRun.tick.slice(0, 16)}</a> : '–'}
              </td>
              <td class="figures">{count(skipped)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
