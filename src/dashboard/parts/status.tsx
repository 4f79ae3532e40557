import { isEnded } from '../../engine/run.ts'
import type { Run } from '../api.ts'
import { count, cursorWords, stateWords } from '../words.ts'

export function StatusBadge({ run }: { run: Run }) {
  return (
    <span class={`badge ${run.status}`} title={run.attention ?? ''}>
      {stateWords(run)}
      {run.attention ? ' ⚠' : ''}
    </span>
  )
}

/** A run's progress; without a total it says how many are done. */
export function ProgressBar({ run }: { run: Run }) {
  const { done, total, skipped } = run.progress
  const all = total ?? (isEnded(run.status) ? done : null)
  const share = all === null ? undefined : all === 0 ? 1 : Math.min(1, done / all)
  const words = `${count(done)}${all === null ? '' : ` of ${count(all)}`}`
  return (
    <div class="progress">
      <progress
        max={1}
        {...(share !== undefined && { value: share })}
        aria-label={`Progress: ${words}`}
        class={run.status}
      />
      <span class="figures">
        {words}
        {skipped > 0 ? `, ${count(skipped)} skipped` : ''}
      </span>
    </div>
  )
}

export function Cursor({ value }: { value: unknown }) {
  const words = cursorWords(value)
  return words === '' ? <span class="quiet">none</span> : <code title={words}>{words}</code>
}
