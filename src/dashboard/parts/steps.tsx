import type { Run } from '../api.ts'
import { Cursor, ProgressBar } from './status.tsx'

interface Nested {
  [step: string]: { cursor: unknown; nestedSteps?: Nested }
}

/** The steps that are done, and the one under way with its cursor, down to the innermost. */
export function StepTrack({ run, nested }: { run: Run; nested: Nested | undefined }) {
  return (
    <ol class="steps">
      {run.completedSteps.map((step) => (
        <li key={step} class="done">
          <span>✓ {step}</span>
        </li>
      ))}
      {run.step !== null || run.style === 'iteration' ? (
        <li class="current" aria-current="step">
          <strong>{run.step ?? run.job}</strong> <Cursor value={run.cursor} />
          <NestedSteps steps={nested} />
        </li>
      ) : null}
      <li class="bar">
        <ProgressBar run={run} />
      </li>
    </ol>
  )
}

function NestedSteps({ steps }: { steps: Nested | undefined }) {
  if (!steps) return null
  return (
    <ul>
      {Object.entries(steps).map(([step, { cursor, nestedSteps }]) => (
        <li key={step}>
          {step} <Cursor value={cursor} />
          <NestedSteps steps={nestedSteps} />
        </li>
      ))}
    </ul>
  )
}
