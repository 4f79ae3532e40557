import { useEffect, useState } from 'hono/jsx/dom'
import { isEnded } from '../../engine/run.ts'
import { api, type Run, type Verification } from '../api.ts'
import { useRun } from '../live.ts'
import { CostMeter } from '../parts/cost.tsx'
import { EventList } from '../parts/event-log.tsx'
import { Answer, ProblemNotice } from '../parts/notice.tsx'
import { RateChart } from '../parts/rate-chart.tsx'
import { SliceTimeline } from '../parts/slices.tsx'
import { StatusBadge } from '../parts/status.tsx'
import { Steering } from '../parts/steering.tsx'
import { StepTrack } from '../parts/steps.tsx'
import { useQuery } from '../query.ts'
import { ago, count, duration, rate } from '../words.ts'

/** One run, live: where it stands, how it got there, and what can be done about it. */
export function RunView({ id }: { id: string }) {
  const first = useQuery(`run ${id}`, () => api.run(id))
  const live = useRun(id)
  const run = live.run ?? first.data
  const over = run !== undefined && isEnded(run.status)
  const every = over ? undefined : 1_000
  const state = run === undefined ? '' : `${run.status} ${run.slices}`
  const slices = useQuery(`slices ${id}`, () => api.slices(id), every)
  const checkpoint = useQuery(`checkpoint ${id}`, () => api.checkpoint(id), every)
  useEffect(() => {
    slices.again()
    checkpoint.again()
  }, [state])
  if (!run) {
    return (
      <>
        <h1>Run</h1>
        <ProblemNotice problem={first.problem} />
        {first.problem ? null : <p class="quiet">Loading…</p>}
      </>
    )
  }
  return (
    <>
      <h1>
        {run.job} <StatusBadge run={run} />
      </h1>
      <p class="quiet mono">{run.id}</p>
      {live.lost ? (
        <p class="notice problem" role="alert">
          <strong>Connection lost.</strong> What is shown may be old. Trying again.
        </p>
      ) : null}
      {run.attention ? (
        <p class="notice problem" role="alert">
          {run.attention}
        </p>
      ) : null}
      {run.error ? (
        <details class="notice problem" open>
          <summary>
            <strong>{run.error.code ?? run.error.name}</strong> {run.error.message}
          </summary>
          <pre>{run.error.stack ?? ''}</pre>
        </details>
      ) : null}
      <Steering run={run} />
      <section aria-label="Progress" class="columns">
        <div>
          <h2>Steps</h2>
          <StepTrack run={run} nested={checkpoint.data?.nestedSteps} />
        </div>
        <Facts run={run} itemsPerSecond={rate(live.samples)} />
      </section>
      <section>
        <h2>Items per second</h2>
        <RateChart samples={live.samples} />
      </section>
      <section>
        <h2>Slices</h2>
        <Answer of={slices}>{(all) => <SliceTimeline slices={all} />}</Answer>
      </section>
      {run.progress.skipped > 0 ? <Skips id={id} skipped={run.progress.skipped} /> : null}
      <section class="columns">
        <div>
          <h2>Params</h2>
          <pre>{JSON.stringify(run.params, null, 2)}</pre>
          {run.result === undefined ? null : (
            <>
              <h2>Result</h2>
              <pre>{JSON.stringify(run.result, null, 2)}</pre>
            </>
          )}
        </div>
        <div>
          <h2>Cost</h2>
          <CostMeter run={run} />
        </div>
      </section>
      {over ? <Proof id={id} /> : null}
      <section>
        <h2>Events</h2>
        <EventList events={live.events} />
      </section>
    </>
  )
}

function Facts({ run, itemsPerSecond }: { run: Run; itemsPerSecond: number | undefined }) {
  const { done, total } = run.progress
  const left = total === null ? undefined : total - done
  const working = run.status === 'running'
  const eta =
    working && left !== undefined && itemsPerSecond ? (left / itemsPerSecond) * 1_000 : undefined
  const facts: [string, unknown][] = [
    [
      'Rate',
      working && itemsPerSecond !== undefined
        ? `${count(Math.round(itemsPerSecond))} items/s`
        : '–',
    ],
    ['Time left', eta === undefined ? '–' : `about ${duration(eta)}`],
    ['Commits', count(run.commits)],
    ['Slices', count(run.slices)],
    ['Interruptions', count(run.interruptions)],
    ['Resumptions', count(run.resumptions)],
    ['Attempts without a commit', count(run.attempts)],
    ['Code version', run.codeVersion || '–'],
    ['Created', <time dateTime={run.createdAt}>{ago(run.createdAt)}</time>],
    ...(run.resumeAt ? [['Goes on', run.resumeAt] as [string, unknown]] : []),
    ...(run.labels
      ? [
          [
            'Labels',
            Object.entries(run.labels)
              .map((label) => label.join(':'))
              .join(', '),
          ] as [string, unknown],
        ]
      : []),
    ...(run.parent ? [['Parent', <Link id={run.parent} />] as [string, unknown]] : []),
    ...(run.children.length > 0
      ? [['Children', run.children.map((id) => <Link key={id} id={id} />)] as [string, unknown]]
      : []),
  ]
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Link({ id }: { id: string }) {
  return (
    <a class="mono" href={`/runs/${id}`}>
      {id.slice(0, 8)}{' '}
    </a>
  )
}

/** A page of the API. */
const SKIPS_SHOWN = 100

function Skips({ id, skipped }: { id: string; skipped: number }) {
  const skips = useQuery(`skips ${id} ${skipped}`, () => api.skips(id))
  return (
    <section>
      <h2>Skipped items</h2>
      {skipped > SKIPS_SHOWN ? (
        <p class="quiet">
          The first {SKIPS_SHOWN} of {count(skipped)}.
        </p>
      ) : null}
      <Answer of={skips}>
        {(all) => (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>Cursor</th>
                  <th>Error</th>
                  <th>Attempts</th>
                  <th>Skipped</th>
                </tr>
              </thead>
              <tbody>
                {all.map(({ cursor, error, attempts, skippedAt }) => (
                  <tr key={JSON.stringify(cursor)}>
                    <td class="mono">{JSON.stringify(cursor)}</td>
                    <td>{error.message}</td>
                    <td class="figures">{attempts}</td>
                    <td>{ago(skippedAt)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Answer>
    </section>
  )
}

function Proof({ id }: { id: string }) {
  const [asked, setAsked] = useState(false)
  const proof = useQuery<Verification | undefined>(`proof ${id} ${asked}`, async () =>
    asked ? api.verification(id) : undefined,
  )
  return (
    <section>
      <h2>Verification</h2>
      {asked ? null : (
        <button type="button" onClick={() => setAsked(true)}>
          Verify
        </button>
      )}
      <ProblemNotice problem={proof.problem} />
      {proof.data ? (
        <ul class="checks">
          {proof.data.checks.map(({ name, ok, expected, actual }) => (
            <li key={name} class={ok ? 'ok' : 'failed'}>
              {ok ? '✅' : '❌'} {name}
              {ok ? null : (
                <code>
                  {' '}
                  expected {JSON.stringify(expected)}, found {JSON.stringify(actual)}
                </code>
              )}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  )
}
