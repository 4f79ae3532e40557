import { useState } from 'hono/jsx/dom'
import type { Slice, StretchList } from '../../state/api.ts'
import { type Block, blocksBefore, toneOfBlock } from '../../figures/blocks.ts'
import { type Break, layTimeline, type Span } from '../../figures/timeline.ts'
import { count, duration } from '../../words/words.ts'

/** A bar of the strip, and what it says of itself. */
interface BarOf {
  id: string
  /** For who does not see it. */
  label: string
  tone: string
  from: number
  to: number
  title: string
  lines: readonly string[]
}

/**
 * The whole course of a run: its slices side by side, each a bar, as long as it lasted, coloured by how it ended; before
 * them blocks of those of which only the sums are kept. Commits are ticks. One stop for the keyboard: arrows go from
 * bar to bar.
 */
export function SliceBars({
  slices,
  stretches,
  total = slices.length,
}: {
  slices: readonly Slice[]
  stretches: StretchList
  /** Those of the whole run. */
  total?: number
}) {
  const [pointed, point] = useState<string | undefined>(undefined)
  if (slices.length === 0) return <p class="quiet">No slice has run yet.</p>
  const laid = layTimeline(slices, Date.now(), blocksBefore(slices, stretches))
  const bars = [...laid.blocks.map(barOfBlock), ...laid.spans.map(barOfSlice)]
  const shown = bars.find(({ id }) => id === pointed)
  const stop = shown ?? bars.at(-1)
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape') point(undefined)
    moveFocus(event, bars, pointed)
  }
  return (
    <div
      class="timeline"
      role="group"
      aria-label={`${count(total)} slices, ${duration(laid.workedMs)} of work`}
      onKeyDown={move}
      onMouseLeave={() => point(undefined)}
    >
      {laid.breaks.map((wait) => (
        <Gap key={wait.from} wait={wait} />
      ))}
      {bars.map((bar) => (
        <Bar key={bar.id} bar={bar} isStop={bar === stop} point={point} />
      ))}
      <Ticks stretches={stretches} place={laid.place} />
      {shown ? <Tip bar={shown} /> : null}
    </div>
  )
}

function barOfSlice({ of: slice, from, to, ms }: Span): BarOf {
  const work = `${count(slice.items)} items in ${count(slice.commits)} commits`
  return {
    id: `${slice.fence}`,
    label: `Slice with fence ${slice.fence}: ${endingOf(slice)} after ${duration(ms)}; ${work}`,
    tone: toneOf(slice),
    from,
    to,
    title: endingOf(slice),
    lines: [
      `fence ${slice.fence}, ${duration(ms)}`,
      work,
      ...(slice.error ? [slice.error.message] : []),
    ],
  }
}

function barOfBlock({ of: block, from, to }: Span<Block>): BarOf {
  const lines = [
    `${count(block.items)} items in ${count(block.commits)} commits`,
    `${duration(block.workedMs)} of work in ${duration(block.to - block.from)}`,
    ...endings(block),
  ]
  const title = `${count(block.slices)} slices`
  return {
    id: `block-${block.from}`,
    label: `${title}: ${lines.join(', ')}`,
    tone: `${toneOfBlock(block)} block`,
    from,
    to,
    title,
    lines,
  }
}

function endings({ vanished, errored, interrupted }: Block): string[] {
  const parts = [
    [vanished, 'vanished'],
    [errored, 'with an error'],
    [interrupted, 'interrupted'],
  ] as const
  return parts.flatMap(([many, how]) => (many > 0 ? [`${count(many)} ${how}`] : []))
}

/** From the bar that is pointed at to the one that the key asks for. */
function moveFocus(event: KeyboardEvent, bars: readonly BarOf[], pointed: string | undefined) {
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const at = bars.findIndex(({ id }) => id === pointed) + step
  const next = bars[Math.min(bars.length - 1, Math.max(0, at))]
  const strip = event.currentTarget as HTMLElement
  strip.querySelector<HTMLElement>(`[data-bar="${next?.id}"]`)?.focus()
}

function Gap({ wait: { from, to, ms } }: { wait: Break }) {
  return (
    <span class="break" style={across(from, to)} title={`${duration(ms)} of waiting`}>
      <span>{duration(ms)}</span>
    </span>
  )
}

function Bar({
  bar: { id, label, tone, from, to },
  isStop,
  point,
}: {
  bar: BarOf
  isStop: boolean
  point: (id: string | undefined) => void
}) {
  return (
    <button
      data-bar={id}
      type="button"
      class={`slice tone-${tone}`}
      style={across(from, to)}
      tabIndex={isStop ? 0 : -1}
      aria-label={label}
      onFocus={() => point(id)}
      onBlur={() => point(undefined)}
      onMouseEnter={() => point(id)}
    />
  )
}

function across(from: number, to: number): Record<string, string> {
  return { left: `${from * 100}%`, width: `${(to - from) * 100}%` }
}

/** All of them as one path: there may be hundreds. */
function Ticks({
  stretches: { widthMs, stretches },
  place,
}: {
  stretches: StretchList
  place: (at: number) => number | undefined
}) {
  const path = stretches
    .filter(({ commits }) => commits > 0)
    .flatMap(({ from }) => place(Date.parse(from) + widthMs / 2) ?? [])
    .map((x) => `M${Math.round(x * 10_000) / 10} 0V8`)
    .join('')
  return (
    <svg class="ticks" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  )
}

function Tip({ bar: { from, to, title, lines } }: { bar: BarOf }) {
  const middle = (from + to) / 2
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
      <strong>{title}</strong>
      {lines.map((line) => (
        <span key={line} class="long-text">
          {line}
        </span>
      ))}
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
