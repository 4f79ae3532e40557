import { useState } from 'hono/jsx/dom'
import type { Commit, Slice } from '../../state/api.ts'
import { type Break, layTimeline, type Span } from '../../figures/timeline.ts'
import { count, duration } from '../../words/words.ts'

/**
 * The slices of a run side by side: each a bar, as long as it lasted, coloured by how it ended, with its
 * commits as ticks. One stop for the keyboard: arrows go from slice to slice.
 */
export function SliceBars({
  slices,
  commits,
}: {
  slices: readonly Slice[]
  commits: readonly Commit[]
}) {
  const [pointed, point] = useState<number | undefined>(undefined)
  if (slices.length === 0) return <p class="quiet">No slice has run yet.</p>
  const { spans, breaks, workedMs, place } = layTimeline(slices, Date.now())
  const shown = spans.find(({ slice }) => slice.fence === pointed)
  const stop = shown ?? spans.at(-1)
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape') point(undefined)
    moveFocus(event, spans, pointed)
  }
  return (
    <div
      class="timeline"
      role="group"
      aria-label={`${slices.length} slices, ${duration(workedMs)} of work`}
      onKeyDown={move}
      onMouseLeave={() => point(undefined)}
    >
      {breaks.map((wait) => (
        <Gap key={wait.from} wait={wait} />
      ))}
      {spans.map((span) => (
        <Bar key={span.slice.fence} span={span} isStop={span === stop} point={point} />
      ))}
      <Ticks commits={commits} place={place} />
      {shown ? <Tip span={shown} /> : null}
    </div>
  )
}

/** From the slice that is pointed at to the one that the key asks for. */
function moveFocus(event: KeyboardEvent, spans: readonly Span[], pointed: number | undefined) {
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const at = spans.findIndex(({ slice }) => slice.fence === pointed) + step
  const next = spans[Math.min(spans.length - 1, Math.max(0, at))]
  const bars = event.currentTarget as HTMLElement
  bars.querySelector<HTMLElement>(`[data-fence="${next?.slice.fence}"]`)?.focus()
}

function Gap({ wait: { from, to, ms } }: { wait: Break }) {
  return (
    <span class="break" style={across(from, to)} title={`${duration(ms)} of waiting`}>
      <span>{duration(ms)}</span>
    </span>
  )
}

function Bar({
  span,
  isStop,
  point,
}: {
  span: Span
  isStop: boolean
  point: (fence: number | undefined) => void
}) {
  const { slice, from, to } = span
  return (
    <button
      data-fence={`${slice.fence}`}
      type="button"
      class={`slice tone-${toneOf(slice)}`}
      style={across(from, to)}
      tabIndex={isStop ? 0 : -1}
      aria-label={describe(span)}
      onFocus={() => point(slice.fence)}
      onBlur={() => point(undefined)}
      onMouseEnter={() => point(slice.fence)}
    />
  )
}

function across(from: number, to: number): Record<string, string> {
  return { left: `${from * 100}%`, width: `${(to - from) * 100}%` }
}

/** All commits as one path: there may be hundreds. */
function Ticks({
  commits,
  place,
}: {
  commits: readonly Commit[]
  place: (at: number) => number | undefined
}) {
  const path = commits
    .flatMap(({ at }) => place(Date.parse(at)) ?? [])
    .map((x) => `M${Math.round(x * 10_000) / 10} 0V8`)
    .join('')
  return (
    <svg class="ticks" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  )
}

function Tip({ span }: { span: Span }) {
  const { slice, ms } = span
  const middle = (span.from + span.to) / 2
  // At either end it is held by that end, so that it stays on the page.
  const side = middle < 0.25 ? 'left' : middle > 0.75 ? 'right' : 'middle'
  return (
    <div
      class={`tip ${side}`}
      aria-hidden="true"
      style={
        side === 'right' ? { right: '0' } : { left: side === 'left' ? '0' : `${middle * 100}%` }
      }
    >
      <strong>{endingOf(slice)}</strong>
      <span>
        fence {slice.fence}, {duration(ms)}
      </span>
      <span>
        {count(slice.items)} items in {count(slice.commits)} commits
      </span>
      {slice.error ? <span class="long-text">{slice.error.message}</span> : null}
    </div>
  )
}

/** The colour of a slice: a budget that is used up is the normal end of one, and not for the eye to stop at. */
export function toneOf({ outcome, reason, error }: Slice): string {
  if (outcome === 'ended' && error) return 'failed'
  if (outcome !== 'interrupted') return outcome
  return reason === 'budget' ? 'budget' : reason === 'pause' ? 'paused' : outcome
}

/** `interrupted (budget)`: how a slice ended, and why. */
export function endingOf({ outcome, reason, error }: Slice): string {
  if (outcome === 'ended' && error) return 'failed'
  return reason ? `${outcome} (${reason})` : outcome
}

function describe({ slice, ms }: Span): string {
  return `Slice with fence ${slice.fence}: ${endingOf(slice)} after ${duration(ms)}; ${count(slice.items)} items in ${count(slice.commits)} commits`
}
