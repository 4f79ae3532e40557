import type { Overview, Schedule } from '../../client/index.ts'
import { extentText } from './errors-text.ts'
import { facts } from './facts.ts'
import { idText, isWide, type Look, plainLook } from './look.ts'
import type { Paint } from './paint.ts'
import { table } from './table.ts'
import { ageText, countText, durationText, timeText } from './text.ts'
import { cutToWidth } from './width.ts'
import { inert } from './inert.ts'

/** Runs that need a look, in a list that is not wide: more than these push the rest off the screen. */
const MAX_PROBLEMS = 20

export function overviewText(given: Overview, look: Look = plainLook): string {
  const overview = inert(given)
  const { averageResumptions, longestRunning } = overview
  const state = facts([
    ['Runs:', statusesText(overview)],
    ['Under way:', countText(overview.activeContinuations, 'continuation')],
    ['Rate:', `${overview.itemsPerSecond.toFixed(1)} items/s`],
    [
      'Resumptions:',
      averageResumptions === null ? 'none yet' : `${averageResumptions.toFixed(1)} per run`,
    ],
    [
      'Longest:',
      longestRunning === null
        ? 'none'
        : `${longestRunning.job} for ${durationText(longestRunning.ms)} (run ${longestRunning.run})`,
    ],
    ['Checkpoints:', healthText(overview, look.paint)],
    ['Commits:', quantilesText(overview.commitMs)],
    ['Queue lag:', quantilesText(overview.queueLagMs)],
    ['Failures:', `${countText(overview.skips, 'skip')}, ${overview.retries} retried`],
    ['Attention:', attentionText(overview)],
  ])
  return [state, ...problemLines(overview, look)].join('\n')
}

function problemLines({ needsAttention }: Overview, look: Look): string[] {
  const shown = isWide(look) ? needsAttention : needsAttention.slice(0, MAX_PROBLEMS)
  const more = needsAttention.length - shown.length
  return [
    ...shown.map((item) => {
      const { name, words } = problemOf(item, look)
      const room = look.columns - `❌  ${name}`.length
      return `❌ ${look.paint('red', name)}${cutToWidth(words, Math.max(room, 1))}`
    }),
    ...(more === 0 ? [] : [`… and ${more} more; all of them with -o wide`]),
  ]
}

function problemOf(
  { run, job, status, schedule, problem, group }: Overview['needsAttention'][number],
  look: Look,
): { name: string; words: string } {
  if (group !== undefined) {
    const name = `${job} ${idText(group.id, look)}`
    return { name, words: `: ${extentText(group, look)}: ${problem}` }
  }
  const name = run === null ? `schedule ${schedule}` : `${job} ${idText(run, look)}`
  return { name, words: status === null ? `: ${problem}` : `: ${status}, ${problem}` }
}

function attentionText({ needsAttention }: Overview): string {
  const groups = needsAttention.filter(({ group }) => group !== undefined)
  const failed = groups.reduce((sum, { group }) => sum + (group?.failed ?? 0), 0)
  const schedules = needsAttention.filter(({ run }) => run === null).length
  const runs = needsAttention.length - groups.length - schedules
  const parts = [
    ...(failed > 0
      ? [`${countText(groups.length, 'error')} of ${countText(failed, 'run')} (dogear errors)`]
      : []),
    ...(runs > 0 ? [countText(runs, 'run')] : []),
    ...(schedules > 0 ? [countText(schedules, 'schedule')] : []),
  ]
  return parts.join(', ') || 'none needed'
}

function statusesText({ runsByStatus, completedWithSkips }: Overview): string {
  const present = Object.entries(runsByStatus).filter(([, runs]) => runs > 0)
  const skipping = completedWithSkips === 0 ? '' : ` (${completedWithSkips} with skips)`
  const words = ([status, runs]: [string, number]) =>
    `${runs} ${status}${status === 'completed' ? skipping : ''}`
  return present.map(words).join(', ') || 'none'
}

function healthText({ checkpointHealth }: Overview, paint: Paint): string {
  const { judged, healthy, allowedMs, stale } = checkpointHealth
  const text = `${healthy} of ${judged} runs commit as they should`
  if (stale.length === 0) return paint('green', text)
  return `${paint('red', text)}; the others are quiet for more than ${durationText(allowedMs)}`
}

function quantilesText({ p50, p95, p99 }: Overview['commitMs']): string {
  if (p50 === null || p95 === null || p99 === null) return 'none yet'
  return `median ${durationText(p50)}, 95 % within ${durationText(p95)}, 99 % within ${durationText(p99)}`
}

export function schedulesText(schedules: readonly Schedule[], look: Look = plainLook): string {
  if (schedules.length === 0) return 'No schedules.'
  const rows = inert(schedules).map((schedule) => [
    schedule.name,
    schedule.job,
    schedule.timeZone === 'UTC' ? schedule.cron : `${schedule.cron} ${schedule.timeZone}`,
    nextText(schedule, look),
    schedule.lastRun === null ? 'none' : idText(schedule.lastRun.run, look),
    `${schedule.started}`,
    `${schedule.skipped}`,
    schedule.error === undefined ? '' : look.paint('red', schedule.error.message),
  ])
  const head = ['SCHEDULE', 'JOB', 'CRON', 'NEXT', 'LAST RUN', 'STARTED', 'SKIPPED', 'ERROR']
  return table([head, ...rows], look.columns)
}

function nextText({ nextTick, pausedAt }: Schedule, look: Look): string {
  if (pausedAt !== null) return 'paused'
  return isWide(look) ? timeText(nextTick) : `in ${ageText(Date.parse(nextTick) - look.now)}`
}
