import { isEnded } from '../../engine/run.ts'
import { client, type Commit } from '../api.ts'
import { useBeginning } from '../effect.ts'
import { useRun } from '../live.ts'
import { Children } from '../parts/children.tsx'
import { CostMeter } from '../parts/cost.tsx'
import { EventLog } from '../parts/event-log.tsx'
import { Ledger } from '../parts/ledger.tsx'
import { Answer, Loading, ProblemNotice } from '../parts/notice.tsx'
import { Proof } from '../parts/proof.tsx'
import { RateChart } from '../parts/rate-chart.tsx'
import { RunAlerts } from '../parts/run-alerts.tsx'
import { RunAudit } from '../parts/run-audit.tsx'
import { RunFacts } from '../parts/run-facts.tsx'
import { RunHero } from '../parts/run-hero.tsx'
import { Skips } from '../parts/skips.tsx'
import { SliceTimeline } from '../parts/slices.tsx'
import { StepTrack } from '../parts/steps.tsx'
import { useQuery } from '../query.ts'
import { useMay } from '../session.tsx'

const EVERY_MS = 1_000
/** Hundreds of rows each time. */
const LEDGER_EVERY_MS = 2_000
const COMMITS = 500
const NO_COMMITS: readonly Commit[] = []

/** One run, live: where it stands and why, how it got there, and what can be done about it. */
export function RunView({ id }: { id: string }) {
  const may = useMay()
  const first = useQuery(`run ${id}`, () => client.run(id))
  const live = useRun(id)
  const run = live.run ?? first.data
  const over = run !== undefined && isEnded(run.status)
  const every = over ? undefined : EVERY_MS
  const state = run === undefined ? '' : `${run.status} ${run.slices}`
  const slices = useQuery(`slices ${id}`, () => client.slices(id), every)
  const checkpoint = useQuery(`checkpoint ${id}`, () => client.checkpoint(id), every)
  const ledger = useQuery(
    `ledger ${id}`,
    () => client.ledger(id, { limit: COMMITS }),
    over ? undefined : LEDGER_EVERY_MS,
  )
  useBeginning(() => {
    slices.again()
    checkpoint.again()
    ledger.again()
  }, [state])
  if (!run) {
    return (
      <>
        <h1>Run</h1>
        <ProblemNotice problem={first.problem} />
        {first.problem ? (
          <p>
            <a href="/runs">All runs</a>
          </p>
        ) : (
          <Loading />
        )}
      </>
    )
  }
  const commits = ledger.data?.commits ?? NO_COMMITS
  return (
    <>
      <RunHero run={run} samples={live.samples} />
      {run.attention ? (
        <div class="notice tone-failed" role="alert">
          <strong>Look at it</strong>
          <span>{run.attention}</span>
        </div>
      ) : null}
      {run.error ? (
        <details class="notice tone-failed">
          <summary>
            <strong>{run.error.code ?? run.error.name}</strong> {run.error.message}
          </summary>
          {run.error.stack ? <pre>{run.error.stack}</pre> : null}
        </details>
      ) : null}
      <div class="split">
        <div class="stack">
          <section class="sheet" aria-labelledby="steps">
            <h2 id="steps">Steps</h2>
            <StepTrack run={run} nested={checkpoint.data?.nestedSteps} />
          </section>
          <section class="sheet" aria-labelledby="slices">
            <h2 id="slices">Slices</h2>
            <Answer of={slices}>
              {(all) => <SliceTimeline slices={all.slices} commits={commits} />}
            </Answer>
          </section>
          <section class="sheet" aria-labelledby="rate">
            <h2 id="rate">Items per second</h2>
            <RateChart commits={commits} />
          </section>
          {run.progress.skipped > 0 ? <Skips run={run} /> : null}
          <section class="sheet flush" aria-label="Events">
            <EventLog events={live.events} />
          </section>
          <Ledger run={run} commits={commits} />
        </div>
        <div class="stack">
          <section class="sheet" aria-labelledby="about">
            <h2 id="about">About this run</h2>
            <RunFacts run={run} />
          </section>
          {over ? <Proof id={id} /> : null}
          <section class="sheet" aria-labelledby="cost">
            <h2 id="cost">Cost</h2>
            <CostMeter run={run} />
          </section>
          {run.children.length > 0 ? <Children ids={run.children} /> : null}
          <section class="sheet" aria-labelledby="params">
            <h2 id="params">Params</h2>
            <pre tabIndex={0}>{JSON.stringify(run.params, null, 2)}</pre>
            {run.result === undefined ? null : (
              <>
                <h2>Result</h2>
                <pre tabIndex={0}>{JSON.stringify(run.result, null, 2)}</pre>
              </>
            )}
          </section>
          <RunAlerts id={id} state={state} />
          {may('operator') ? <RunAudit id={id} state={state} /> : null}
        </div>
      </div>
    </>
  )
}
