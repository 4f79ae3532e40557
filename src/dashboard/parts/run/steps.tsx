import { useAction } from '../../state/action.ts'
import { client, type NestedSteps, type Run } from '../../state/api.ts'
import { go } from '../../state/route.ts'
import { useMay } from '../../state/session.tsx'
import { ProblemNotice } from '../notice.tsx'
import { askForParams } from './params-question.ts'
import { stepsOf } from '../../figures/steps-of.ts'
import { Cursor, ProgressBar } from '../status.tsx'
import { toneOfRun } from '../../words/words.ts'

/** The steps that are done, and the one under way with its bar and cursor, down to the innermost. */
export function StepTrack({ run, nested }: { run: Run; nested: NestedSteps | undefined }) {
  const iterates = run.style === 'iteration'
  const { done, current } = stepsOf(run)
  const restarting = useRestarting(run)
  if (done.length === 0 && current === undefined) {
    return (
      <p class="quiet">
        {run.slices === 0 ? 'No step has begun yet.' : 'No step has come to a checkpoint.'}
      </p>
    )
  }
  return (
    <>
      <ol class="track">
        {done.map((step) => (
          <li key={step} class="tone-completed done">
            <span class="step-mark" aria-hidden="true">
              ✓
            </span>
            <span>
              {step} <span class="unseen">done</span>
            </span>
            {iterates ? null : <Restart step={step} restarting={restarting} />}
          </li>
        ))}
        {current === undefined ? null : (
          <li class={`tone-${toneOfRun(run)} current`} aria-current="step">
            <span class="step-mark" aria-hidden="true">
              {done.length + 1}
            </span>
            <UnderWay run={run} step={current} nested={nested} />
            {iterates ? null : <Restart step={current} restarting={restarting} />}
          </li>
        )}
      </ol>
      <ProblemNotice problem={restarting.problem} />
    </>
  )
}

type Restarting = ReturnType<typeof useRestarting>

/** Asks, starts a new run from a step, and goes to it. */
function useRestarting(run: Run) {
  const { act, busy, problem } = useAction()
  const restart = async (step: string) => {
    const changes = await askForParams(run, {
      title: `Start again from ${step}?`,
      text: `A new run of ${run.job} begins where ${step} had not begun; the steps before it stand with their results. This run stays as it is.`,
      action: 'Start a new run',
    })
    if (changes)
      act(async () => go(`/runs/${(await client.restart(run.id, { step, ...changes })).id}`))
  }
  return { restart, busy, problem }
}

function Restart({
  step,
  restarting: { restart, busy },
}: {
  step: string
  restarting: Restarting
}) {
  const may = useMay()
  if (!may('operator')) return null
  return (
    <button type="button" class="small" disabled={busy} onClick={() => void restart(step)}>
      Restart from here<span class="unseen">: {step}</span>
    </button>
  )
}

function UnderWay({
  run,
  step,
  nested,
}: {
  run: Run
  step: string
  nested: NestedSteps | undefined
}) {
  return (
    <div class="stack tight">
      <div class="row">
        <strong>{step}</strong> <Cursor value={run.cursor} />
      </div>
      <ProgressBar run={run} />
      <Nested steps={nested} />
    </div>
  )
}

function Nested({ steps }: { steps: NestedSteps | undefined }) {
  if (!steps) return null
  return (
    <ul class="nested">
      {Object.entries(steps).map(([step, { cursor, nestedSteps }]) => (
        <li key={step}>
          {step} <Cursor value={cursor} />
          <Nested steps={nestedSteps} />
        </li>
      ))}
    </ul>
  )
}
