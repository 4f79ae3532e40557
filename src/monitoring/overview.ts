import { activeRuns, type ActiveRun } from './active-runs.ts'
import { openAlerts, type OpenAlert } from './open-alerts.ts'
import { LEASE_MS } from '../engine/drive/driving.ts'
import { COMMIT_MS, QUEUE_LAG_MS, quantiles, type Quantiles } from './histogram.ts'
import { countRuns, countWithSkips, itemsPerSecond, readMetrics } from './metric-rows.ts'
import { bucketsOf, type CounterName, type Figure } from './metrics.ts'
import { STATUSES, type Status } from '../engine/run.ts'
import { isoTime } from '../engine/iso-time.ts'

/** A run in which nothing has been committed for longer than it should be. */
export interface StaleRun {
  run: string
  job: string
  status: Status
  /** Since its last commit, or since it should have gone on. */
  quietMs: number
}

/** The runs that should save checkpoints, and those of them that do. Runs that wait, are held or paused are not judged. */
export interface CheckpointHealth {
  judged: number
  healthy: number
  /** Healthy ones among those judged; 1 when there are none. */
  share: number
  /** The longest that a run may be quiet. */
  allowedMs: number
  /** At most 20, the quietest first. */
  stale: StaleRun[]
}

/** The state of all runs. After the monitor of the guide that Dogear is made from. */
export interface Overview {
  at: string
  runsByStatus: Record<Status, number>
  /** Of those that have completed, the ones that have skipped items; not those that ended before this was counted. */
  completedWithSkips: number
  /** Runs under way that have a checkpoint to go on from. */
  activeContinuations: number
  /** Resumptions of a run, on average of those that have ended; null before the first. */
  averageResumptions: number | null
  /** The run that has been under way for longest; null when none is. */
  longestRunning: { run: string; job: string; ms: number } | null
  checkpointHealth: CheckpointHealth
  /** Over the last one to two minutes. */
  itemsPerSecond: number
  /** Time a commit takes, since ever. */
  commitMs: Quantiles
  /** From the sending of a run's message to the claim of its slice, since ever. */
  queueLagMs: Quantiles
  skips: number
  retries: number
  /** Open alerts, the newest first: at most 50 about groups of errors, and 50 others. */
  needsAttention: OpenAlert[]
}

/** A lease that runs out and a message that is overdue take one patience each; after that, somebody should be at work. */
const ALLOWED_QUIET_MS = 2 * LEASE_MS
const MAX_STALE = 20
const MAX_OPEN_ALERTS = 50

/** Reads D1 only. What it costs grows with the runs under way (up to 1,000 per status), not with all runs. */
export async function readOverview(db: D1Database, now: number): Promise<Overview> {
  const [counts, figures, rate, active, needsAttention, completedWithSkips] = await Promise.all([
    countRuns(db),
    readMetrics(db),
    itemsPerSecond(db, now),
    activeRuns(db),
    openAlerts(db, now, MAX_OPEN_ALERTS),
    countWithSkips(db),
  ])
  const total = (name: CounterName): number =>
    figures.reduce((sum, figure) => sum + (figure.name === name ? figure.value : 0), 0)
  const byStatus = STATUSES.map((status): [Status, number] => [
    status,
    counts.reduce((sum, count) => sum + (count.status === status ? count.runs : 0), 0),
  ])
  const stale = staleRuns(active, now)
  return {
    at: isoTime(now),
    runsByStatus: Object.fromEntries(byStatus) as Record<Status, number>,
    completedWithSkips,
    activeContinuations: active.filter(({ commits }) => commits > 0).length,
    averageResumptions: average(total('ended_resumptions'), total('ended')),
    longestRunning: longestRunning(active, now),
    checkpointHealth: health(active.filter((run) => isJudged(run, now)).length, stale),
    itemsPerSecond: rate,
    commitMs: allJobs(figures, 'commit_ms'),
    queueLagMs: allJobs(figures, 'queue_lag_ms'),
    skips: total('skips'),
    retries: total('retries'),
    needsAttention,
  }
}

function allJobs(figures: readonly Figure[], name: 'commit_ms' | 'queue_lag_ms'): Quantiles {
  return quantiles(name === 'commit_ms' ? COMMIT_MS : QUEUE_LAG_MS, bucketsOf(figures, name))
}

function average(sum: number, count: number): number | null {
  return count === 0 ? null : Math.round((sum / count) * 100) / 100
}

function longestRunning(active: readonly ActiveRun[], now: number): Overview['longestRunning'] {
  let longest: Overview['longestRunning'] = null
  for (const { id, job, held, startedAt } of active) {
    if (held || startedAt === null) continue
    const ms = now - Date.parse(startedAt)
    if (!longest || ms > longest.ms) longest = { run: id, job, ms }
  }
  return longest
}

/** True for a run that somebody should be at work on, or about to be. */
function isJudged({ held, resumeAt }: ActiveRun, now: number): boolean {
  return !held && (resumeAt === null || Date.parse(resumeAt) <= now)
}

function staleRuns(active: readonly ActiveRun[], now: number): StaleRun[] {
  return active
    .filter((run) => isJudged(run, now))
    .map(({ id, job, status, touchedAt, resumeAt }) => {
      const since = Math.max(Date.parse(touchedAt), resumeAt === null ? 0 : Date.parse(resumeAt))
      return { run: id, job, status, quietMs: now - since }
    })
    .filter(({ quietMs }) => quietMs > ALLOWED_QUIET_MS)
    .sort((a, b) => b.quietMs - a.quietMs)
}

function health(judged: number, stale: readonly StaleRun[]): CheckpointHealth {
  const healthy = judged - stale.length
  return {
    judged,
    healthy,
    share: judged === 0 ? 1 : Math.round((healthy / judged) * 1_000) / 1_000,
    allowedMs: ALLOWED_QUIET_MS,
    stale: stale.slice(0, MAX_STALE),
  }
}
