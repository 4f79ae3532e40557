import { isEnded } from '../../engine/run.ts'
import type { Run } from '../../client/index.ts'
import { rateWords } from '../../sentences/figures.ts'
import type { Pace } from './pace.ts'
import { type Paint, plain, stateColour } from './paint.ts'
import { countText, durationText, shorten, valueText } from './text.ts'
import { inert } from './inert.ts'
import { cutToWidth, widthOf } from './width.ts'

/** `interrupted, held`: the status with what one needs to know about it. */
export function stateText(run: Run): string {
  if (run.status === 'interrupted' && run.held === true) return 'interrupted, held'
  if (run.status === 'interrupted' && run.reason) return `interrupted (${run.reason})`
  if (run.status === 'running' && run.reason) return `running, ${run.reason} asked`
  return run.status
}

/** `is paused`, `has failed`: the same in a sentence about the run. */
export function standingText(run: Run): string {
  return run.status === 'failed' ? 'has failed' : `is ${stateText(run)}`
}

export function progressText({ progress: { done, total, skipped } }: Run): string {
  const counts =
    total === null ? `${done}` : done > total ? `${done} (expected ${total})` : `${done}/${total}`
  return skipped === 0 ? counts : `${counts}, ${skipped} skipped`
}

export interface BarOptions {
  /** @default 80 */
  columns?: number
  pace?: Pace | undefined
  /** @default plain */
  paint?: Paint
}

/** The room that each part of a line gets. The first form that fits is taken. */
interface Form {
  title: number
  bar: number
  cursor: number
  counts: 'words' | 'letters' | 'none'
}

const FORMS: readonly Form[] = [
  { title: 60, bar: 10, cursor: 24, counts: 'words' },
  { title: 60, bar: 10, cursor: 24, counts: 'letters' },
  { title: 60, bar: 10, cursor: 12, counts: 'letters' },
  { title: 18, bar: 8, cursor: 12, counts: 'letters' },
  { title: 18, bar: 5, cursor: 8, counts: 'letters' },
  { title: 12, bar: 5, cursor: 0, counts: 'letters' },
  { title: 12, bar: 5, cursor: 0, counts: 'none' },
]

/**
 * `Process Orders [████░░░░░░] 347/1000 210/s ETA 3.1 s (cursor 347) · 2 slices, 1 interruption`, with
 * the status unless it just runs; never wider than `columns`.
 */
export function barLine(given: Run, options: BarOptions = {}): string {
  const run = inert(given)
  const { columns = 80, pace, paint = plain } = options
  const lines = FORMS.map((form) => parts(run, form, pace).join(' '))
  const line = lines.find((text) => widthOf(text) <= columns) ?? lines.at(-1) ?? ''
  // Painted last, since what a colour is written with takes no room.
  return cutToWidth(line, columns).replace(/\[[█░·]+\]/, (found) => paint(stateColour(run), found))
}

function parts(run: Run, form: Form, pace: Pace | undefined): string[] {
  const { done, total } = run.progress
  const ended = isEnded(run.status)
  return [
    shorten(titleText(run.job), form.title),
    `[${bar(done, ended ? (total ?? done) : within(done, total), form.bar)}]`,
    progressText(run),
    paceText(pace),
    run.cursor === null || run.cursor === undefined || form.cursor === 0
      ? ''
      : `(cursor ${shorten(valueText(run.cursor), form.cursor)})`,
    ended ? endText(run) : run.status === 'running' ? '' : stateText(run),
    countsText(run, form.counts),
  ].filter((part) => part !== '')
}

/** A total that was exceeded says nothing of how many are left. */
function within(done: number, total: number | null): number | null {
  return total !== null && done > total ? null : total
}

export function bar(done: number, total: number | null, width = 10): string {
  if (total === null) return '·'.repeat(width)
  const share = total === 0 ? 1 : Math.min(done / total, 1)
  const filled = Math.floor(share * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

/** `210/s ETA 3.1 s` */
function paceText(pace: Pace | undefined): string {
  if (pace === undefined) return ''
  const { itemsPerSecond, etaMs } = pace
  const rate =
    itemsPerSecond >= 1 && itemsPerSecond < 10
      ? `${itemsPerSecond.toFixed(1)}/s`
      : rateWords(itemsPerSecond)
  return etaMs === undefined ? rate : `${rate} ETA ${durationText(etaMs)}`
}

/** `2 slices, 1 interruption`, or `2 sl 1 int` where there is little room. */
function countsText({ slices, interruptions }: Run, form: Form['counts']): string {
  if (form === 'none' || slices === 0) return ''
  if (form === 'letters') return `· ${slices} sl ${interruptions} int`
  return `· ${countText(slices, 'slice')}, ${countText(interruptions, 'interruption')}`
}

function endText(run: Run): string {
  if (run.status === 'failed')
    return `failed: ${(run.error?.message ?? 'unknown error').replaceAll(/\s+/g, ' ')}`
  if (run.finishedAt === undefined) return run.status
  return `${run.status} in ${durationText(Date.parse(run.finishedAt) - Date.parse(run.createdAt))}`
}

/** `send-letters` as `Send Letters`. */
export function titleText(job: string): string {
  return job.replaceAll(
    /(?:^|-)(.)/g,
    (_match, letter: string, at: number) => (at > 0 ? ' ' : '') + letter.toUpperCase(),
  )
}
