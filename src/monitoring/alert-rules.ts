import { slowAfterMs } from './job-pace.ts'
import {
  type AlertPolicy,
  DEFAULT_STALLED_AFTER,
  DEFAULT_SKIP_RATE,
} from '../engine/policies/alert-policy.ts'
import type { AlertKind } from './alert-kinds.ts'
import { MIN_ITEMS_FOR_RATE } from '../engine/policies/skip-policy.ts'
import { dollarsOf, type Priced } from '../engine/prices.ts'
import type { Cost } from '../engine/run.ts'

/** The rules by which something about a run is worth an alert. Pure; `judge.ts` reads the runs and keeps the alerts. */

/** Those about runs that somebody has to look for; a run tells the others itself. */
export type JudgedKind = Exclude<AlertKind, 'failed' | 'attention' | 'schedule_failed'>

/** No alert comes of shorter silences, however fast a run is. Also its interval before the first commit. */
export const MIN_QUIET_MS = 60_000

/** A run that has done nothing but wait for longer than this has stalled, whatever it waits for. */
export const MAX_WAITING_MS = 30 * 60_000

/** A run as it is judged. Times are ms since the epoch. */
export interface Judged {
  policy: AlertPolicy
  startedAt: number
  /** The time it ended; null while it is under way. */
  finishedAt: number | null
  done: number
  skipped: number
  cost: Pick<Cost, Priced>
}

/** The sign of life that its silence is measured from: a commit, or that it went on after a wait. */
export function quietSince(times: readonly (number | null)[]): number {
  return Math.max(...times.filter((time) => time !== null))
}

/**
 * The median of a run's newest gaps between commits, the newest first. Not the mean: a run that waited, or
 * was held for days, has not become slow.
 */
export function usualInterval(startedAt: number, commits: readonly number[]): number {
  const times = [...commits, ...(commits.length < GAPS + 1 ? [startedAt] : [])]
  const gaps = times
    .slice(0, -1)
    .map((time, index) => time - (times[index + 1] ?? time))
    .sort((a, b) => a - b)
  return gaps[Math.floor(gaps.length / 2)] ?? MIN_QUIET_MS
}

/** So many gaps are looked at. */
export const GAPS = 20

/** The message about a run that is quiet for longer than it may be; undefined for others. */
export function stalled(
  { stalledAfter = DEFAULT_STALLED_AFTER }: AlertPolicy,
  quietMs: number,
  intervalMs: number,
): string | undefined {
  if (quietMs <= Math.max(MIN_QUIET_MS, stalledAfter * intervalMs)) return undefined
  return `Nothing committed for ${seconds(quietMs)}; it usually takes ${seconds(intervalMs)}`
}

/** The message about a run under way that takes longer than runs of its job do; undefined for others. */
export function slow(
  { policy, startedAt, finishedAt }: Judged,
  usualMs: number | null,
  now: number,
): string | undefined {
  const most = slowAfterMs(usualMs, policy)
  if (most === null || finishedAt !== null || now - startedAt <= most) return undefined
  return `It has taken ${seconds(now - startedAt)}; runs of this job usually take ${seconds(usualMs ?? 0)}`
}

/** A run is closed within seconds of its end, unless its follow-up runs cannot be started. */
const CLOSED_WITHIN_MS = 30 * 60_000

/** The message about a run that has ended and is not closed; undefined while there is still time. */
export function unclosed(endedMs: number): string | undefined {
  if (endedMs <= CLOSED_WITHIN_MS) return undefined
  return `It ended ${seconds(endedMs)} ago and is not closed: its follow-up runs are not all started, and it cannot be purged`
}

/** The message about a run that passes over too many items; undefined for others. */
export function overSkipRate({ policy, done, skipped }: Judged): string | undefined {
  const items = done + skipped
  const { skipRate = DEFAULT_SKIP_RATE } = policy
  if (skipRate === false || items < MIN_ITEMS_FOR_RATE || skipped / items <= skipRate)
    return undefined
  return `${skipped} of ${items} items skipped, ${percent(skipped / items)}; expected at most ${percent(skipRate)}`
}

/** The message about a run that costs more than it may; undefined for others. */
export function overBudget(
  { policy, cost, startedAt, finishedAt }: Judged,
  now: number,
): string | undefined {
  const { dollars, d1RowsWritten, durationMs } = policy.budget ?? {}
  const spent = dollarsOf(cost)
  const took = (finishedAt ?? now) - startedAt
  const over = [
    dollars !== undefined &&
      spent > dollars &&
      `it has cost $${spent.toFixed(6)}, expected at most $${dollars}`,
    d1RowsWritten !== undefined &&
      cost.d1RowsWritten > d1RowsWritten &&
      `it has written ${cost.d1RowsWritten} rows in D1, expected at most ${d1RowsWritten}`,
    durationMs !== undefined &&
      took > durationMs &&
      `it has taken ${seconds(took)}, expected at most ${seconds(durationMs)}`,
  ].filter((text) => text !== false)
  return over.length === 0 ? undefined : `Over its budget: ${over.join('; ')}`
}

function seconds(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 1_000)} s`
}

function percent(part: number): string {
  return `${Math.round(part * 1_000) / 10} %`
}
