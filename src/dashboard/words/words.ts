import { count, duration } from '../../sentences/figures.ts'
import type { Run } from '../state/api.ts'

export { count, cursorWords, duration, rateWords } from '../../sentences/figures.ts'

/** `interrupted, held`: the status with what one needs to know about it. */
export function stateWords({ status, held, reason, retry, progress }: Run): string {
  if (hasSkipped({ status, progress })) return `completed, ${count(progress.skipped)} skipped`
  if (status === 'queued' && retry) return 'retrying'
  if (status === 'interrupted' && held) return 'interrupted, held'
  if (status === 'interrupted' && reason) return `interrupted (${reason})`
  if (status === 'running' && reason) return `running, ${reason} asked`
  return status
}

/** The tone of a run: that of its status, unless it is worth a second look. */
export function toneOfRun({ status, retry, progress }: Run): string {
  const amber = (status === 'queued' && retry) || hasSkipped({ status, progress })
  return amber ? 'interrupted' : status
}

/** It has completed, and not with all of its items. */
function hasSkipped({ status, progress }: Pick<Run, 'status' | 'progress'>): boolean {
  return status === 'completed' && progress.skipped > 0
}

/** `12 s ago`. */
export function ago(time: string, now = Date.now()): string {
  const ms = now - Date.parse(time)
  return ms < 2_000 ? 'just now' : `${duration(ms - (ms % 1_000)).replace('.0', '')} ago`
}

/** From its first slice to its end, or until now; '' before it has begun. */
export function tookWords({ startedAt, finishedAt }: Run, now = Date.now()): string {
  if (startedAt === undefined) return ''
  const ms = (finishedAt === undefined ? now : Date.parse(finishedAt)) - Date.parse(startedAt)
  return duration(Math.max(0, ms))
}
