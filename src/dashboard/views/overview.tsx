import { useContext } from 'hono/jsx/dom'
import type { Status } from '../../engine/run.ts'
import { AddedViews } from '../added-view.ts'
import { client, type Overview, type Run } from '../state/api.ts'
import { ActiveRuns } from '../parts/overview/active-runs.tsx'
import { Attention } from '../parts/overview/attention.tsx'
import { Health } from '../parts/overview/health.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { RunCounts } from '../parts/overview/run-counts.tsx'
import { Schedules } from '../parts/overview/schedules.tsx'
import { StartHead } from '../parts/start-head.tsx'
import { useQuery, type Query } from '../state/query.ts'
import { useMay } from '../state/session.tsx'
import { href } from '../state/base.ts'

const UNDER_WAY: readonly Status[] = ['running', 'interrupted', 'queued', 'paused']
const EVERY_MS = 1_500
const SHOWN = 10

/** The state of all runs, and those that need somebody's eye. */
export function OverviewView() {
  const overview = useQuery('overview', () => client.overview(), EVERY_MS)
  return (
    <>
      <StartHead title="Overview" />
      <Answer of={overview}>
        {(all) => (
          <>
            <RunCounts overview={all} />
            <Health overview={all} />
          </>
        )}
      </Answer>
      <div class="split">
        <UnderWay counts={overview.data?.runsByStatus} />
        <div class="stack">
          <NeedsAttention overview={overview} />
          <Scheduled />
        </div>
      </div>
    </>
  )
}

function UnderWay({ counts }: { counts: Overview['runsByStatus'] | undefined }) {
  // Of most statuses there is none.
  const present = UNDER_WAY.filter((status) => counts === undefined || (counts[status] ?? 0) > 0)
  const active = useQuery('under way', () => underWay(present), EVERY_MS, present.length)
  return (
    <section class="sheet flush" aria-labelledby="active">
      <div class="head">
        <h2 id="active">Under way</h2>
        <a class="small" href={href('/runs')}>
          All runs
        </a>
      </div>
      <Answer of={active}>
        {(runs) => (runs.length === 0 ? <NothingUnderWay /> : <ActiveRuns runs={runs} />)}
      </Answer>
    </section>
  )
}

async function underWay(statuses: readonly Status[]): Promise<Run[]> {
  const pages = await Promise.all(statuses.map((status) => client.runs({ status, limit: SHOWN })))
  return pages.flatMap(({ runs }) => runs)
}

function NothingUnderWay() {
  const may = useMay()
  const added = useContext(AddedViews)
  return (
    <Empty>
      No run is under way.
      {may('operator') ? (
        <>
          {' '}
          <a href={href('/start')}>Start one</a>
          {added.map(({ path, invite }) =>
            invite === undefined ? null : (
              <>
                , or <a href={href(`/${path}`)}>{invite}</a>
              </>
            ),
          )}
          .
        </>
      ) : null}
    </Empty>
  )
}

function NeedsAttention({ overview }: { overview: Query<Overview> }) {
  return (
    <section class="sheet flush" aria-labelledby="attention">
      <div class="head">
        <h2 id="attention">Needs attention</h2>
        <a class="small" href={href('/alerts')}>
          Alerts
        </a>
      </div>
      <Answer of={overview}>
        {({ needsAttention }) => <Attention items={needsAttention} onDone={overview.again} />}
      </Answer>
    </section>
  )
}

function Scheduled() {
  const schedules = useQuery('schedules', () => client.schedules(), 30_000)
  return (
    <section class="sheet flush" aria-labelledby="schedules">
      <div class="head">
        <h2 id="schedules">Schedules</h2>
      </div>
      <Answer of={schedules}>
        {(all) => <Schedules schedules={all.schedules} onDone={schedules.again} />}
      </Answer>
    </section>
  )
}
