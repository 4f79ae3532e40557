import { isEnded } from '../run.ts'
import { DEFAULT_QUEUE, type Driving } from './driving.ts'
import { unclaimed } from './missed.ts'
import { isStopping } from './owed.ts'

/** So long D1, or a queue, may be in trouble before a person should look. */
const UNANSWERED_MS = 15 * 60_000
/** A message may wait as long as the queue is full of others. */
const UNCLAIMED_MS = 3 * 3_600_000

/**
 * Notes why a run cannot get on, for a reason that is not its own, once that has lasted too long; forgets it when it is over. To be called after each change. Pure.
 */
export function noteTrouble(d: Driving, now: number): void {
  d.askedSince = d.intent.kind === 'none' ? null : (d.askedSince ?? now)
  const trouble = isEnded(d.status) && d.intent.kind !== 'reopen' ? null : troubleOf(d, now)
  if (trouble === d.trouble) return
  d.trouble = trouble
  d.rev += 1
}

function troubleOf(d: Driving, now: number): string | null {
  if (longAgo(d.askedSince, UNANSWERED_MS, now)) {
    const what = isStopping(d) ? 'cancel' : d.intent.kind === 'reopen' ? 'retry' : 'pause'
    return d.lease === null
      ? `D1 has not answered to '${what}' for more than 15 minutes; the run goes on asking it`
      : `Its slice has not stopped for '${what}' for more than 15 minutes; expected it to reach a checkpoint`
  }
  if (longAgo(d.failures?.since ?? null, UNANSWERED_MS, now)) {
    return 'What the run owes to D1 or to its queue has failed for more than 15 minutes; expected the log to say why (run.debt_unpaid)'
  }
  if (d.untaken !== undefined && !d.held && d.status !== 'paused') {
    return (
      `Nobody takes messages of queue '${d.untaken}': one has waited for more than 10 s, and no other was taken. ` +
      `Until it is taken, the run's object works its slices itself. Expected the queue in queues.consumers of the Worker's configuration, and a queue() handler that calls Dogear. npx dogear doctor looks what is missing`
    )
  }
  if (longAgo(unclaimed(d)?.at ?? null, UNCLAIMED_MS, now)) {
    return `Nobody has taken its message for more than 3 hours; expected a consumer of ${d.queue === DEFAULT_QUEUE ? 'its queue' : `queue '${d.queue}'`}, with room for it`
  }
  return null
}

function longAgo(since: number | null, patienceMs: number, now: number): boolean {
  return since !== null && now - since > patienceMs
}
