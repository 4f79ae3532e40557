import {
  Answer,
  count,
  Cursor,
  duration,
  Empty,
  EventList,
  href,
  Loading,
  pace,
  ProgressBar,
  Proof,
  rate,
  rateWords,
  type Run,
  SliceBars,
  StatusBadge,
  Steering,
  useWatchedRun,
  whyWords,
} from 'dogear/page'
import { isEnded } from 'dogear/client'
import { Code } from './code.tsx'

const EVENTS = 30

/** One of the two: its run, live, above the code that its author wrote. */
export function ComparePanel({
  job,
  id,
  title,
  words,
}: {
  job: string
  id: string | undefined
  title: string
  words: string
}) {
  return (
    <section class="stack" aria-labelledby={`panel-${job}`}>
      <div>
        <h2 id={`panel-${job}`} class="panel-title">
          {title}
        </h2>
        <p class="small quiet">{words}</p>
      </div>
      {id === undefined ? (
        <div class="sheet">
          <Empty>Not started yet.</Empty>
        </div>
      ) : (
        <LiveRun id={id} />
      )}
      <Code job={job} />
    </section>
  )
}

function LiveRun({ id }: { id: string }) {
  const { run, first, live, slices, stretches } = useWatchedRun(id)
  if (!run) return <Answer of={first}>{() => <Loading />}</Answer>
  return (
    <>
      <div class={`sheet ear tone-${run.status}`}>
        <div class="row">
          <a href={href(`/runs/${run.id}`)} class="strong">
            {run.job}
          </a>
          <StatusBadge run={run} />
        </div>
        <p class="small panel-why">{whyWords(run)}</p>
        <ProgressBar run={run} big />
        <Figures run={run} itemsPerSecond={rate(live.samples, 4_000)} />
        <div class="panel-steering">
          <Steering run={run} small />
        </div>
        <SliceBars slices={slices.data?.slices ?? []} stretches={stretches} />
        <EventList told={live.events.slice(-EVENTS)} />
      </div>
      {isEnded(run.status) ? <Proof id={id} /> : null}
    </>
  )
}

function Figures({ run, itemsPerSecond }: { run: Run; itemsPerSecond: number | undefined }) {
  const working = run.status === 'running'
  const { perSecond, leftMs } = pace(run.progress, working ? itemsPerSecond : undefined)
  return (
    <dl class="facts">
      <div>
        <dt>Checkpoint</dt>
        <dd>
          {run.step} <Cursor value={run.cursor} />
        </dd>
      </div>
      <div>
        <dt>Rate</dt>
        <dd>
          {perSecond === undefined ? '–' : rateWords(perSecond)}
          {leftMs === undefined ? '' : `, ${duration(leftMs)} left`}
        </dd>
      </div>
      <div>
        <dt>Slices, commits</dt>
        <dd>
          {count(run.slices)}, {count(run.commits)}
        </dd>
      </div>
    </dl>
  )
}
