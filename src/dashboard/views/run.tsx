import { isEnded } from '../../engine/run.ts'
import type { Problem, Run } from '../state/api.ts'
import { Children } from '../parts/run/children.tsx'
import { CostMeter } from '../parts/run/cost.tsx'
import { EventLog } from '../parts/run/event-log.tsx'
import { Lanes } from '../parts/run/lanes.tsx'
import { Ledger } from '../parts/run/ledger.tsx'
import { Answer, Loading, ProblemNotice } from '../parts/notice.tsx'
import { Proof } from '../parts/run/proof.tsx'
import { RateChart } from '../parts/run/rate-chart.tsx'
import { RunAlerts } from '../parts/run/run-alerts.tsx'
import { RunAudit } from '../parts/run/run-audit.tsx'
import { RunFacts } from '../parts/run/run-facts.tsx'
import { RunHero } from '../parts/run/run-hero.tsx'
import { RunLog } from '../parts/run/run-log.tsx'
import { RunNotices } from '../parts/run/run-notices.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { Skips } from '../parts/run/skips.tsx'
import { SliceTimeline } from '../parts/run/slices.tsx'
import { StepTrack } from '../parts/run/steps.tsx'
import { useMay } from '../state/session.tsx'
import { useNestedSteps, useWatchedRun, type WatchedRun } from '../state/watched-run.ts'
import { href } from '../state/base.ts'
import { useBeginning } from '../state/effect.ts'
import { go } from '../state/route.ts'
import { useTitle } from '../state/title.ts'
import { stateWords } from '../words/words.ts'

/** One run, live: where it stands and why, how it got there, and what can be done about it. */
export function RunView({ id }: { id: string }) {
  const watched = useWatchedRun(id)
  const { run, first, live, state } = watched
  const whole = run?.id
  // The beginning of an id finds its run, whose address has all of it.
  useBeginning(() => {
    if (whole !== undefined && whole !== id) go(`/runs/${whole}`, { replace: true })
  }, [whole])
  const name = id.slice(0, 8)
  useTitle(run ? [stateWords(run), run.job, name] : ['runs', name])
  if (!run) return <NoRun problem={first.problem} />
  return (
    <>
      <RunHero run={run} samples={live.samples} />
      <RunNotices run={run} />
      <div class="split">
        <Course run={run} watched={watched} />
        <About run={run} state={state} />
      </div>
    </>
  )
}

/** A run that has not been read yet, or cannot be. */
function NoRun({ problem }: { problem: Problem | undefined }) {
  return (
    <>
      <h1>Run</h1>
      <ProblemNotice problem={problem} />
      {problem ? (
        <p>
          <a href={href('/runs')}>All runs</a>
        </p>
      ) : (
        <Loading />
      )}
    </>
  )
}

/** The way of the run to where it is. */
function Course({ run, watched }: { run: Run; watched: WatchedRun }) {
  const { slices, stretches, live, state } = watched
  const nested = useNestedSteps(run, state)
  // The past of the other lanes is with the lanes.
  const [first] = run.lanes ?? []
  const own = first ? { ...run, slices: first.slices } : run
  const of = first ? ' of the first lane' : ''
  return (
    <div class="stack">
      <Sheet id="steps" title="Steps">
        <StepTrack run={run} nested={nested} />
      </Sheet>
      <Lanes run={run} />
      <Sheet id="slices" title={`Slices${of}`}>
        <Answer of={slices}>
          {(all) => <SliceTimeline run={own} slices={all.slices} stretches={stretches} />}
        </Answer>
      </Sheet>
      <Sheet id="rate" title={`Items per second${of}`}>
        <RateChart of={stretches} />
      </Sheet>
      <RunLog run={run} live={live} />
      {run.progress.skipped > 0 ? <Skips run={run} /> : null}
      <section class="sheet flush" aria-label="Events">
        <EventLog id={run.id} live={live} stretches={stretches} />
      </section>
      <Ledger run={run} />
    </div>
  )
}

/** The facts about the run, its cost, and who was concerned with it. */
function About({ run, state }: { run: Run; state: string }) {
  const may = useMay()
  return (
    <div class="stack">
      <Sheet id="about" title="About this run">
        <RunFacts run={run} />
      </Sheet>
      {isEnded(run.status) ? <Proof id={run.id} /> : null}
      <Sheet id="cost" title="Cost">
        <CostMeter run={run} />
      </Sheet>
      {run.children.length > 0 ? <Children ids={run.children} /> : null}
      <Params run={run} />
      <RunAlerts id={run.id} state={state} />
      {may('operator') ? <RunAudit id={run.id} state={state} /> : null}
    </div>
  )
}

function Params({ run: { params, result } }: { run: Run }) {
  return (
    <Sheet id="params" title="Params">
      <pre tabIndex={0}>{JSON.stringify(params, null, 2)}</pre>
      {result === undefined ? null : (
        <>
          <h2>Result</h2>
          <pre tabIndex={0}>{JSON.stringify(result, null, 2)}</pre>
        </>
      )}
    </Sheet>
  )
}
