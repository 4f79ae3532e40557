import { isEnded } from '../engine/run.ts'
import type { Run } from './api.ts'
import { durationText, shorten, valueText } from './text.ts'

/** `interrupted, held`: the status with what one needs to know about it. */
export function stateText(run: Run): string {
  if (run.status === 'interrupted' && run.held === true) return 'interrupted, held'
  if (run.status === 'interrupted' && run.reason) return `interrupted (${run.reason})`
  if (run.status === 'running' && run.reason) return `running, ${run.reason} asked`
  return run.status
}

export function progressText({ progress: { done, total, skipped } }: Run): string {
  const counts = total === null ? `${done}` : `${done}/${total}`
  return skipped === 0 ? counts : `${counts}, ${skipped} skipped`
}

/** `Process Orders [████░░░░░░] 347/1000 (cursor 347)`, with the status unless it just runs. */
export function barLine(run: Run, columns = 80): string {
  const { done, total } = run.progress
  const ended = isEnded(run.status)
  const parts = [
    titleText(run.job),
    `[${bar(done, ended ? (total ?? done) : total)}]`,
    progressText(run),
    run.cursor === null || run.cursor === undefined
      ? ''
      : `(cursor ${shorten(valueText(run.cursor), 24)})`,
    ended ? endText(run) : run.status === 'running' ? '' : stateText(run),
  ]
  return shorten(parts.filter((part) => part !== '').join(' '), columns)
}

export function bar(done: number, total: number | null, width = 10): string {
  if (total === null) return '·'.repeat(width)
  const share = total === 0 ? 1 : Math.min(done / total, 1)
  const filled = Math.floor(share * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

function endText(run: Run): string {
  if (run.status === 'failed') return `failed: ${run.error?.message ?? 'unknown error'}`
  if (run.finishedAt === undefined) return run.status
  return `${run.status} in ${durationText(Date.parse(run.finishedAt) - Date.parse(run.createdAt))}`
}

/** `process-orders-iteration` as `Process Orders Iteration`. */
export function titleText(job: string): string {
  return job.replaceAll(
    /(?:^|-)(.)/g,
    (_match, letter: string, at: number) => (at > 0 ? ' ' : '') + letter.toUpperCase(),
  )
}
