import type { Overview, Schedule } from '../../client/index.ts'
import { type Paint, plain } from './paint.ts'
import { table } from './table.ts'
import { countText, durationText, timeText } from './text.ts'
import { inert } from './inert.ts'

export function overviewText(given: Overview, paint: Paint = plain): string {
  const overview = inert(given)
  const { averageResumptions, longestRunning, needsAttention } = overview
  const facts = table([
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
    ['Checkpoints:', healthText(overview, paint)],
    ['Commits:', quantilesText(overview.commitMs)],
    ['Queue lag:', quantilesText(overview.queueLagMs)],
    ['Failures:', `${countText(overview.skips, 'skip')}, ${overview.retries} retried`],
    ['Attention:', needsAttention.length === 0 ? 'none needed' : `${needsAttention.length} runs`],
  ])
  const problems = needsAttention.map(
    ({ run, job, status, problem }) => `❌ ${paint('red', `${job} ${run}`)}: ${status}, ${problem}`,
  )
  return [facts, ...problems].join('\n')
}

function statusesText({ runsByStatus }: Overview): string {
  const present = Object.entries(runsByStatus).filter(([, runs]) => runs > 0)
  return present.map(([status, runs]) => `${runs} ${status}`).join(', ') || 'none'
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

export function schedulesText(schedules: readonly Schedule[], paint: Paint = plain): string {
  if (schedules.length === 0) return 'No schedules.'
  return table([
    ['SCHEDULE', 'JOB', 'CRON', 'NEXT', 'LAST RUN', 'STARTED', 'SKIPPED', 'ERROR'],
    ...inert(schedules).map((schedule) => [
      schedule.name,
      schedule.job,
      schedule.timeZone === 'UTC' ? schedule.cron : `${schedule.cron} ${schedule.timeZone}`,
      timeText(schedule.nextTick),
      schedule.lastRun?.run ?? 'none',
      `${schedule.started}`,
      `${schedule.skipped}`,
      schedule.error === undefined ? '' : paint('red', schedule.error.message),
    ]),
  ])
}
