import { isEnded } from '../../engine/run.ts'
import type { Run } from '../state/api.ts'
import { ago, count, cursorWords, stateWords, toneOfRun } from '../words/words.ts'
import { href } from '../state/base.ts'
import { useZone } from '../state/zone.ts'
import { isLongAgo, minute, minuteWords, wallTime, zoneName } from '../words/times.ts'

export function StatusBadge({ run }: { run: Run }) {
  return (
    <span class={`badge tone-${toneOfRun(run)}`} title={run.attention ?? ''}>
      {stateWords(run)}
      {run.attention ? ' ⚠' : ''}
    </span>
  )
}

/** A status, or how something ended, by its name alone. */
export function Badge({ tone, children }: { tone: string; children: string }) {
  return <span class={`badge tone-${tone}`}>{children}</span>
}

/** A run's progress; without a total it says how many are done. */
export function ProgressBar({ run, big = false }: { run: Run; big?: boolean }) {
  const { done, total, skipped } = run.progress
  const all = total ?? (run.status === 'completed' ? done : null)
  // A total that was exceeded says nothing of how many are left.
  const exceeded = all !== null && done > all
  const unknown = all === null || (exceeded && !isEnded(run.status))
  const share = unknown ? undefined : all === 0 ? 1 : Math.min(1, done / all)
  // Without a value the bar is of unknown length; what is not at work shows an empty one instead.
  const value = share ?? (run.status === 'running' ? undefined : 0)
  const words =
    all === null
      ? `${count(done)} done`
      : exceeded
        ? `${count(done)} (expected ${count(all)})`
        : `${count(done)} of ${count(all)}`
  return (
    <div class={`progress tone-${toneOfRun(run)}${big ? ' big' : ''}`}>
      <progress max={1} {...(value !== undefined && { value })} aria-label={`Progress: ${words}`} />
      <span class="words">
        {words}
        {skipped > 0 ? <span class="quiet">, {count(skipped)} skipped</span> : null}
      </span>
    </div>
  )
}

export function Cursor({ value }: { value: unknown }) {
  const words = cursorWords(value)
  return words === '' ? null : <code title={words}>{words}</code>
}

/** Says how long ago a time was, or when, if that is long ago; shows the time itself when pointed at. */
export function When({ at }: { at: string }) {
  const zone = useZone()
  return (
    <time
      dateTime={at}
      title={`${wallTime(at, zone).replace('T', ' ')} ${zoneName(zone)}`}
      class="nowrap"
    >
      {isLongAgo(at) ? minute(at, zone) : ago(at)}
    </time>
  )
}

/** A time to the minute, by the clock of the page. */
export function Minute({ at }: { at: string }) {
  return (
    <time dateTime={at} class="nowrap">
      {minuteWords(at, useZone())}
    </time>
  )
}

/** A run by the beginning of its id. */
export function RunLink({ id, children }: { id: string; children?: string }) {
  return (
    <a href={href(`/runs/${id}`)} class={children === undefined ? 'mono' : ''}>
      {children ?? id.slice(0, 8)}
    </a>
  )
}
