import type { Run } from '../state/api.ts'

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

export function cursorWords(cursor: unknown): string {
  return cursor === null || cursor === undefined
    ? ''
    : typeof cursor === 'string'
      ? cursor
      : JSON.stringify(cursor)
}

const number = new Intl.NumberFormat('en')

export function count(value: number): string {
  return number.format(value)
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

/** `12 s ago`. */
export function ago(time: string, now = Date.now()): string {
  const ms = now - Date.parse(time)
  return ms < 2_000 ? 'just now' : `${duration(ms - (ms % 1_000)).replace('.0', '')} ago`
}

/** `2026-12-01 03:00`, in UTC. */
export function minuteText(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
