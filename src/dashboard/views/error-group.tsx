import type { Child } from 'hono/jsx'
import { cutText } from '../../engine/cut-text.ts'
import { client, type ErrorGroupDetails } from '../state/api.ts'
import { href } from '../state/base.ts'
import { useBeginning } from '../state/effect.ts'
import { go } from '../state/route.ts'
import { useQuery } from '../state/query.ts'
import { useTitle } from '../state/title.ts'
import { count } from '../words/words.ts'
import { GroupActs } from '../parts/errors/group-acts.tsx'
import { Extent, GroupState } from '../parts/errors/group-words.tsx'
import { Trend } from '../parts/errors/trend.tsx'
import { Facts } from '../parts/facts.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { RunTable } from '../parts/runs/run-table.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { RunLink, When } from '../parts/status.tsx'
import { dailyOf } from '../figures/daily.ts'

const EVERY_MS = 3_000

/** One group of errors: what it is, how often and since when, and the runs that are failed with it. */
export function ErrorGroupView({ id }: { id: string }) {
  const group = useQuery(`error ${id}`, () => client.error(id), EVERY_MS)
  const whole = group.data?.id
  useBeginning(() => {
    if (whole !== undefined && whole !== id) go(`/errors/${whole}`, { replace: true })
  }, [whole])
  useTitle(group.data ? [group.data.error, cutText(group.data.job, 24)] : ['errors'])
  return (
    <>
      <p class="small">
        <a href={href('/errors')}>All errors</a>
      </p>
      <Answer of={group}>{(one) => <Whole group={one} onDone={group.again} />}</Answer>
    </>
  )
}

function Whole({ group, onDone }: { group: ErrorGroupDetails; onDone: () => void }) {
  return (
    <>
      <div class="head">
        <h1>
          {group.job} <span class="quiet">{group.error}</span>
        </h1>
        <GroupState group={group} />
      </div>
      <section class="notice error tone-failed" aria-label="Error">
        <p class="whole-message">{group.message}</p>
        {group.frame === undefined ? null : (
          <p class="small">
            Thrown by <code>{group.frame}</code>
          </p>
        )}
      </section>
      <div class="row extent">
        <Extent group={group} />
      </div>
      <GroupActs group={group} onDone={onDone} />
      <div class="split">
        <FailedRuns group={group} />
        <About group={group} />
      </div>
    </>
  )
}

function FailedRuns({ group: { id, failed, lastRuns } }: { group: ErrorGroupDetails }) {
  return (
    <section class="sheet flush" aria-labelledby="failed-runs">
      <div class="head">
        <h2 id="failed-runs">Failed with it</h2>
        {failed > 0 ? (
          <a class="small" href={href(`/runs?group=${id}`)}>
            {lastRuns.length < failed
              ? `Last ${lastRuns.length} of ${count(failed)}: all of them`
              : 'In the list of runs'}
          </a>
        ) : null}
      </div>
      {lastRuns.length === 0 ? (
        <Empty>No run is failed with it any more.</Empty>
      ) : (
        <RunTable runs={lastRuns} choosing={undefined} />
      )}
    </section>
  )
}

function About({ group }: { group: ErrorGroupDetails }) {
  const { id, template, occurrences, firstAt, lastAt, lastRun, returnedAt, lastDay, trend } = group
  const days = dailyOf(trend, Date.now())
  const facts: [string, Child][] = [
    ['Group', <code class="whole">{id}</code>],
    ['Grouped by', template],
    ['Occurred', occurrences === 1 ? 'once' : `${count(occurrences)} times`],
    ['First', <When at={firstAt} />],
    ['Last', <When at={lastAt} />],
    ['Last run', <RunLink id={lastRun} />],
    ...(returnedAt === undefined
      ? []
      : [['Back after it was dismissed', <When at={returnedAt} />] as [string, Child]]),
  ]
  return (
    <div class="stack">
      <Sheet id="trend" title="How often">
        <p class="small quiet">Each hour of the last 24</p>
        <Trend counts={lastDay} each="hour" />
        <p class="small quiet">Each day of the last {days.length}</p>
        <Trend counts={days} each="day" />
      </Sheet>
      <Sheet id="about" title="About this error">
        <Facts of={facts} look="pairs" />
      </Sheet>
    </div>
  )
}
