import { errorAtItem } from '../../engine/errors.ts'
import { failedItemWords } from '../../sentences/failed-item.ts'
import type { Run } from '../state/api.ts'
import { count, duration } from './words.ts'

type Retry = NonNullable<Run['retry']>
type RunError = NonNullable<Run['error']>

const INTERRUPTED: Record<string, string> = {
  budget: 'Its slice had used up its budget.',
  signal: 'It was interrupted on purpose.',
  pause: 'Somebody paused it.',
  cancel: 'Somebody cancelled it.',
  deploy: 'Newer code was being deployed; older code steps aside.',
  throttle: 'What it works with asked it to wait.',
  lanes: 'It has done its part, and waits for the other lanes.',
  isolated:
    'After a slice that vanished it commits each item by itself, so that a culprit has a name.',
}

const ASKED: Record<string, string> = {
  signal: 'It has been asked to stop, and will at the next checkpoint.',
  pause: 'It has been asked to pause, and will at the next checkpoint.',
  cancel: 'It has been asked to cancel; no effect commits once it shows as cancelled.',
}

/** Says why a run stands as it does, and how it goes on, in a sentence or two. */
export function whyWords(run: Run, now = Date.now()): string {
  const { status, reason = '', held, progress } = run
  switch (status) {
    case 'queued':
      if (run.retry) return retryingWords(run, run.retry, now)
      return run.resumeAt
        ? `It begins ${inWords(run.resumeAt, now)}.`
        : 'It waits for its first slice.'
    case 'running':
      return (
        ASKED[reason] ??
        (run.retry
          ? `A slice is at work on it: ${attemptWords(run.retry)}.`
          : 'A slice is at work on it.')
      )
    case 'interrupted': {
      const because = INTERRUPTED[reason] ?? (run.error ? 'An error ended its slice.' : '')
      const then = held
        ? 'It is held at its checkpoint until somebody resumes it.'
        : run.resumeAt
          ? `It goes on from its checkpoint ${inWords(run.resumeAt, now)}.`
          : 'It goes on from its checkpoint with the next slice.'
      return `${because} ${then}`.trim()
    }
    case 'paused':
      return 'It rests at its checkpoint until somebody resumes it. No effect commits meanwhile.'
    case 'completed':
      return `It did ${itemWords(progress.done)}${tookWords(run)}.${progress.skipped === 0 ? '' : ` It skipped ${itemWords(progress.skipped)}: look at their errors below.`}`
    case 'failed':
      return `${gaveUpWords(run)} It keeps its checkpoint: a retry goes on from there.`
    case 'cancelled':
      return 'It was cancelled. What it had committed stays; a retry goes on from its checkpoint.'
  }
}

/** `attempt 2 of 3`: the one that is next, or under way. */
export function attemptWords({ failed, limit }: Retry): string {
  return `attempt ${failed + 1}${limit === null ? '' : ` of ${limit}`}`
}

function retryingWords({ resumeAt, error }: Run, retry: Retry, now: number): string {
  const when = resumeAt ? ` ${inWords(resumeAt, now)}` : ''
  return `Retrying: ${attemptWords(retry)}${when}${error ? ` (${errorPlace(error)})` : ''}.`
}

function gaveUpWords({ retry, error }: Run): string {
  const at = errorAtItem(error)?.at
  const item = at ? ` at ${failedItemWords(at)}` : ''
  if (!retry || retry.failed < 2) return `It failed${item}.`
  return `It gave up${item} after ${retry.failed} attempts without progress.`
}

/** `TypeError at item 317`. */
function errorPlace(error: RunError): string {
  const { code, name } = error
  const at = errorAtItem(error)?.at
  return `${code ?? name}${at ? ` at ${failedItemWords(at)}` : ''}`
}

function itemWords(items: number): string {
  return items === 1 ? 'one item' : `${count(items)} items`
}

function tookWords({ startedAt, finishedAt, slices }: Run): string {
  if (!startedAt || !finishedAt) return ''
  const ms = Date.parse(finishedAt) - Date.parse(startedAt)
  return ` in ${duration(ms)}, ${slices === 1 ? 'in one slice' : `over ${slices} slices`}`
}

/** `in 6 s`. */
export function inWords(at: string, now = Date.now()): string {
  const ms = Date.parse(at) - now
  return ms < 1_000
    ? 'in a moment'
    : `in ${duration(Math.ceil(ms / 1_000) * 1_000).replace('.0', '')}`
}
