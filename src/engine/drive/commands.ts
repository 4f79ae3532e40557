import { grouped } from '../error-group.ts'
import type { ErrorCode, RunError } from '../errors.ts'
import { allows, type Command, isEnded } from '../run.ts'
import { type Driving, type Intent, NO_INTENT } from './driving.ts'
import { orderAgain, waitsForLanes } from './lanes.ts'
import { isStopping, needsClosing } from './owed.ts'
import type { Commanded } from './protocol.ts'
import { isRetrying, notePassOver, passOverProblem } from './pass-over.ts'
import type { NewRun } from './run-record.ts'
import { finish, lose, sendNothing, show } from './showing.ts'

/**
 * Commands of people to a run, and D1's answers to the statements that carry them out. A command is
 * stored as an intent first; it is shown as done only when D1 has said so. Pure.
 */

/** D1's answer to a statement of a run's Durable Object; status null: the run is gone. */
type Answer = { status: string | null; fence: number }

/** Additions to a command: an interruption that lasts, a wait that is cut short, an item that a retry passes over. */
export interface CommandOptions {
  hold?: boolean
  now?: boolean
  /** Who asks, where that is known. */
  by?: string
  passOver?: { place: string; by: string }
}

type Refused = Extract<Commanded, { ok: false }>['code']

/** Obeyed, asked for already, or not possible now. */
export function admits(
  d: Driving,
  what: Command,
  options: CommandOptions,
  now: number,
): 'new' | 'already' | Exclude<Refused, 'unknown_run'> {
  const { closing, intent, status } = d
  const stopping = isStopping(d)
  const pausing = intent.kind === 'pause'
  if ((what === 'cancel' && stopping) || (what === 'pause' && pausing)) return 'already'
  const settling = stopping || closing || (pausing && what === 'resume')
  if (settling) return 'invalid_transition'
  // A run that waits for its time is resumed all the same, when a person says so.
  const waits = d.sendAt !== null && d.sendAt > now && status === 'queued'
  const { passOver } = options
  const allowed =
    allows(status, what) ||
    (what === 'resume' && options.now === true && waits) ||
    (passOver !== undefined && isRetrying(d))
  if (!allowed) return 'invalid_transition'
  return (passOver && passOverProblem(d, passOver.place)) ?? 'new'
}

/** A command as the event tells it. */
export function told(what: Command, { passOver, ...options }: CommandOptions) {
  const over = passOver && { passOver: passOver.place, by: passOver.by }
  return { command: what, ...options, ...over }
}

/** Somebody has asked for what is not so yet. */
export function isPending({ intent, interrupting }: Driving): boolean {
  return intent.kind !== 'none' || interrupting !== null
}

/** A person asks, and the command is admitted. */
export function command(d: Driving, what: Command, options: CommandOptions, now: number): void {
  d.updatedAt = now
  switch (what) {
    case 'interrupt':
      // The lanes that it waits for are interrupted themselves.
      if (!waitsForLanes(d)) d.interrupting = { hold: options.hold === true }
      break
    case 'pause':
      d.intent = { kind: 'pause', revoked: false }
      keepWait(d, now)
      sendNothing(d)
      if (d.lease === null) revoke(d)
      show(d, d.status, 'pause', now)
      break
    case 'resume':
      resume(d, options, now)
      break
    case 'cancel':
      d.lease = null
      stop(d, { kind: 'cancel' })
      show(d, d.status, 'cancel', now)
      break
    case 'retry':
      orderAgain(d)
      notePassOver(d, options.passOver)
      // The attempt that it waits for comes at once.
      if (!isEnded(d.status)) d.sendAt &&= now
      else {
        d.intent = { kind: 'reopen' }
        d.fence += 1
      }
      break
  }
}

function resume(d: Driving, options: CommandOptions, now: number): void {
  orderAgain(d)
  if (d.status === 'paused' || d.held) d.n += 1
  // What a person was to see to, before this run could go on.
  if (d.status === 'paused' && d.reason === 'deploy') d.attention = null
  d.held = false
  // What a person has interrupted waits for nothing but that person.
  if (d.reason !== 'signal') keepWait(d, now)
  d.sendAt = options.now ? now : Math.max(now, d.waitsUntil ?? 0)
  d.waitsUntil = null
  show(d, 'queued', null, now)
}

/** An API that has asked for an hour means it, also when a person has stopped the run meanwhile. */
export function keepWait(d: Driving, now: number): void {
  if (d.sendAt !== null && d.sendAt > now) d.waitsUntil = d.sendAt
}

/** Takes the lane away from whoever may still work on it; D1 is to be raised. */
export function revoke(d: Driving): void {
  d.intent = { kind: 'pause', revoked: true }
  d.fence += 1
}

/** The run is to end by a fence of the object's own. */
function stop(d: Driving, intent: Intent): void {
  d.intent = intent
  sendNothing(d)
  d.fence += 1
}

/**
 * No slice comes as far as to fail the run: each vanishes before it has told anything. So the object does
 * it, by a fence of its own, as it cancels.
 */
export function giveUp(d: Driving): void {
  const error: RunError = {
    name: 'DogearError',
    code: 'attempts_exhausted' satisfies ErrorCode,
    message: `${d.unheard} slices in a row vanished before they had told anything; expected one to take over the run in D1. Look at the Worker's log for what ends them: memory, CPU time, code that runs as the module is loaded`,
  }
  d.unheard = 0
  stop(d, { kind: 'fail', error })
}

/** D1 answered the object's own statement for a cancel. Success, or any end, that came first stands. */
export function cancelAnswered(d: Driving, run: NewRun, answer: Answer, now: number): void {
  const { intent } = d
  if (intent.kind !== 'cancel' && intent.kind !== 'fail') return
  if (answer.status === null) return lose(d, now)
  const asked = intent.kind === 'fail' ? 'failed' : 'cancelled'
  if (answer.status === asked) {
    if (intent.kind === 'fail') d.error = grouped(run.job, intent.error)
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
  d.intent = NO_INTENT
  closeSoon(d, now)
}

export function pauseAnswered(d: Driving, answer: Answer, now: number): void {
  if (d.intent.kind !== 'pause' || !d.intent.revoked || !counts(d, answer, now)) return
  d.intent = NO_INTENT
  sendNothing(d)
  if (answer.status === 'active') show(d, 'paused', 'pause', now)
  else closeSoon(d, now)
}

export function reopenAnswered(d: Driving, answer: Answer, now: number): void {
  if (d.intent.kind !== 'reopen' || !counts(d, answer, now)) return
  d.intent = NO_INTENT
  d.reopenedAt = now
  delete d.endedInD1
  d.closing = false
  d.result = null
  d.children = []
  d.attention = null
  d.error = null
  d.finishedAt = null
  d.attempts = 0
  d.retry = null
  // Whoever asks for a retry means it: limits are counted from here.
  d.errors = 0
  d.resumptionsBefore = d.resumptions
  d.n += 1
  d.sendAt = now
  show(d, 'queued', null, now)
}

/** False when D1 has a higher fence, which is taken over to ask again, or has no such run. */
function counts(d: Driving, answer: Answer, now: number): boolean {
  if (answer.status === null) {
    lose(d, now)
    return false
  }
  if (answer.fence <= d.fence) return true
  d.fence = answer.fence + 1
  return false
}

/** D1 has an end that the object did not know: a slice finishes the closing. */
export function closeSoon(d: Driving, now: number): void {
  d.endedInD1 = true
  d.n += 1
  d.sendAt = now
  // What has ended stays so.
  if (!d.closing) show(d, 'queued', null, now)
}
