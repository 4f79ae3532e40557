import type { ErrorGroup, ErrorGroupDetails } from '../../client/index.ts'
import { facts, whole } from './facts.ts'
import { inert } from './inert.ts'
import { idText, isWide, type Look, plainLook, sinceText } from './look.ts'
import { runsText } from './runs-text.ts'
import { table } from './table.ts'
import { countText, timeText } from './text.ts'

/** Groups of errors, one line each. */
export function errorsText(groups: readonly ErrorGroup[], look: Look = plainLook): string {
  if (groups.length === 0) return 'No errors.'
  const rows = inert(groups).map((group) => [
    idText(group.id, look),
    group.job,
    `${group.failed}`,
    sinceText(group.firstAt, look),
    sinceText(group.lastAt, look),
    stateText(group, look),
    ...(isWide(look) ? [sparkline(group.lastDay)] : []),
    isWide(look) ? `${group.message} (${group.error})` : group.template,
  ])
  const head = ['GROUP', 'JOB', 'RUNS', 'FIRST', 'LAST', 'STATE']
  const more = isWide(look) ? ['24 HOURS', 'ERROR'] : ['ERROR']
  return table([[...head, ...more], ...rows], look.columns)
}

function stateText({ state, returnedAt }: ErrorGroup, { paint }: Look): string {
  if (state !== 'open') return state
  return paint('red', returnedAt === undefined ? 'open' : 'returned')
}

/** A group with all there is to know of it, and its newest runs. */
export function errorText(given: ErrorGroupDetails, look: Look = plainLook): string {
  const group = inert(given)
  const { lastRuns } = group
  const about = facts([
    ['Group:', group.id],
    ['Job:', group.job],
    ['State:', sentenceOf(group, look)],
    [
      'Failed:',
      `${countText(group.failed, 'run')} now; it has occurred ${timesText(group.occurrences)}`,
    ],
    ['First:', timeText(group.firstAt)],
    ['Last:', `${timeText(group.lastAt)} (run ${group.lastRun})`],
    ['24 hours:', sparkline(group.lastDay)],
    ['Error:', whole(`${given.message} (${given.error})`)],
    ['Thrown by:', group.frame],
    ['Grouped by:', group.template],
  ])
  if (lastRuns.length === 0) return about
  const shown =
    lastRuns.length < group.failed
      ? `Its newest ${lastRuns.length} of ${group.failed} runs; all of them: dogear runs --group ${group.id}`
      : `Its ${countText(lastRuns.length, 'run')}:`
  return `${about}\n\n${shown}\n${runsText(given.lastRuns, look)}`
}

function sentenceOf(group: ErrorGroup, { paint }: Look): string {
  const { state, returnedAt, dismissedAt, dismissedBy, mutedUntil, mutedBy } = group
  switch (state) {
    case 'open':
      return paint(
        'red',
        returnedAt === undefined
          ? 'open'
          : `open; it came back at ${timeText(returnedAt)}, after it had been dismissed`,
      )
    case 'dismissed':
      return `dismissed at ${timeText(dismissedAt ?? '')}${byText(dismissedBy)}, until it occurs again`
    case 'muted':
      return `muted until ${timeText(mutedUntil ?? '')}${byText(mutedBy)}`
    case 'resolved':
      return paint('green', 'resolved: no run is failed with it')
  }
}

function byText(name: string | undefined): string {
  return name === undefined ? '' : ` by ${name}`
}

function timesText(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

/** `200 runs, last 3m ago`; in a wide text the times themselves. */
export function extentText(group: ErrorGroup, look: Look): string {
  const runs = countText(group.failed, 'run')
  if (isWide(look))
    return `${runs}, first ${timeText(group.firstAt)}, last ${timeText(group.lastAt)}`
  // Of a line, most is the reason's.
  return `${runs}, last ${sinceText(group.lastAt, look)} ago`
}

const BARS = '▁▂▃▄▅▆▇█'

/** A bar for each hour; a dot where there was nothing. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts, 1)
  return counts
    .map((count) => (count === 0 ? '·' : BARS[Math.ceil((count / most) * BARS.length) - 1]))
    .join('')
}
