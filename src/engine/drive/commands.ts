import type { ErrorCode } from '../errors.ts'
import { allows, type Command } from '../run.ts'
import { type Driving, finish, lose, needsClosing, show } from './driving.ts'
import type { NewRun } from './run-record.ts'

/**
 * What people ask of a run, and what D1 answers to the statements that carry it out. A command is
 * stored as an intent first; it is shown as done only when D1 has said so. Pure.
 */

/** What D1 says about a run after a statement of its Durable Object; status null: the run is gone. */
type Answer = { status: string | null; fence: number }

/** What a person may say to a command: an interruption that lasts, a wait that is cut short. */
export interface CommandOptions {
  hold?: boolean
  now?: boolean
}

/** What becomes of a command: it is obeyed, was asked for already, or is not possible now. */
export function admits(
  d: Driving,
  what: Command,
  options: CommandOptions,
  now: number,
): 'new' | 'already' | 'refused' {
  const { cancelling, closing, pausing, status } = d
  if ((what === 'cancel' && cancelling) || (what === 'pause' && pausing !== null)) return 'already'
  const settling = cancelling || closing || (pausing !== null && what === 'resume')
  if (settling) return 'refused'
  // A run that waits for its time is resumed all the same, when a person says so.
  const waits = d.sendAt !== null && d.sendAt > now && status === 'queued'
  const allowed = allows(status, what) || (what === 'resume' && options.now === true && waits)
  return allowed ? 'new' : 'refused'
}

/** A person asks, and the command is admitted. */
export function command(d: Driving, what: Command, options: CommandOptions, now: number): void {
  d.updatedAt = now
  switch (what) {
    case 'interrupt':
      d.interrupting = { hold: options.hold === true }
      break
    case 'pause':
      d.pausing ??= 'asked'
      keepWait(d, now)
      d.sendAt = null
      d.overdueAt = null
      if (d.leaseUntil === null) revoke(d)
      show(d, d.status, 'pause', now)
      break
    case 'resume':
      if (d.status === 'paused' || d.held) d.n += 1
      // What a person was to see to, before this run could go on.
      if (d.status === 'paused' && d.reason === 'deploy') d.attention = null
      d.held = false
      // What a person has interrupted waits for nothing but that person.
      if (d.reason !== 'signal') keepWait(d, now)
      d.sendAt = options.now ? now : Math.max(now, d.waitsUntil ?? 0)
      d.waitsUntil = null
      show(d, 'queued', null, now)
      break
    case 'cancel':
      d.cancelling = true
      d.pausing = null
      d.leaseUntil = null
      d.sendAt = null
      d.overdueAt = null
      d.fence += 1
      show(d, d.status, 'cancel', now)
      break
    case 'retry':
      d.reopening = true
      d.fence += 1
      d.updatedAt = now
      break
  }
}

/** An API that has asked for an hour means it, also when a person has stopped the run meanwhile. */
export function keepWait(d: Driving, now: number): void {
  if (d.sendAt !== null && d.sendAt > now) d.waitsUntil = d.sendAt
}

/** Takes the lane away from whoever may still work on it; D1 is to be raised. */
export function revoke(d: Driving): void {
  d.pausing = 'revoked'
  d.fence += 1
}

/**
 * No slice comes as far as to fail the run: each vanishes before it has told anything. So the object does
 * it, by a fence of its own, as it cancels.
 */
export function giveUp(d: Driving): void {
  const { unheard } = d
  d.failing = {
    name: 'DogearError',
    code: 'attempts_exhausted' satisfies ErrorCode,
    message: `${unheard} slices in a row vanished before they had told anything; expected one to take over the run in D1. Look at the Worker's log for what ends them: memory, CPU time, code that runs as the module is loaded`,
  }
  d.cancelling = true
  d.pausing = null
  d.unheard = 0
  d.sendAt = null
  d.overdueAt = null
  d.fence += 1
}

/** D1 answered the object's own statement for a cancel. Success, or any end, that came first stands. */
export function cancelAnswered(d: Driving, run: NewRun, answer: Answer, now: number): void {
  if (!d.cancelling) return
  if (answer.status === null) return lose(d, now)
  const asked = d.failing ? 'failed' : 'cancelled'
  if (answer.status === asked) {
    d.error = d.failing ?? d.error
    d.failing = null
    finish(d, asked, now)
    if (!needsClosing(run)) return
    d.closing = true
    d.n += 1
    d.sendAt = now
    return
  }
  if (answer.status === 'active') {
    // A higher fence than ours is in D1: take it over and ask again.
    d.fence = Math.max(d.fence, answer.fence) + 1
    return
  }
  d.cancelling = false
  d.failing = null
  closeSoon(d, now)
}

export function pauseAnswered(d: Driving, answer: Answer, now: number): void {
  if (d.pausing !== 'revoked') return
  if (answer.status === null) return lose(d, now)
  if (answer.fence > d.fence) {
    d.fence = answer.fence + 1
    return
  }
  d.pausing = null
  d.sendAt = null
  d.overdueAt = null
  if (answer.status === 'active') show(d, 'paused', 'pause', now)
  else closeSoon(d, now)
}

export function reopenAnswered(d: Driving, answer: Answer, now: number): void {
  if (!d.reopening) return
  if (answer.status === null) return lose(d, now)
  if (answer.fence > d.fence) {
    d.fence = answer.fence + 1
    return
  }
  d.reopening = false
  d.reopenedAt = now
  d.closing = false
  d.result = null
  d.children = []
  d.attention = null
  d.error = null
  d.finishedAt = null
  d.attempts = 0
  // Whoever asks for a retry means it: limits are counted from here.
  d.errors = 0
  d.resumptionsBefore = d.resumptions
  d.n += 1
  d.sendAt = now
  show(d, 'queued', null, now)
}

/** D1 has an end that the object did not know: a slice finishes the closing. */
export function closeSoon(d: Driving, now: number): void {
  d.n += 1
  d.sendAt = now
  // What has ended stays so.
  if (!d.closing) show(d, 'queued', null, now)
}
