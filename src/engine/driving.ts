import { hasProgress, type Checkpoint } from './continuation.ts'
import type { RunError } from './errors.ts'
import type { Claim, InterruptDirective, NewRun, Outcome, Report } from './protocol.ts'
import { retryWaitMs } from './retry.ts'
import type { Command, InterruptionReason, Status } from './run.ts'

/**
 * What a run's Durable Object knows about driving its run, and how each event changes it. Pure: the
 * object loads and stores this state, and does what the state says is owed (`durable-objects/job-run.ts`).
 * D1 holds the truth of what has happened; this is about what is tried next.
 */
export interface Driving {
  status: Status
  reason: InterruptionReason | null
  /** Interrupted until somebody resumes it. */
  held: boolean
  /** Number of the message that may be claimed; moves on at each release. */
  n: number
  fence: number
  /** When the right of the slice with the current fence runs out; null when no slice runs. */
  leaseUntil: number | null
  /** When the message that was sent must have been claimed. */
  overdueAt: number | null
  /** When a message is to be sent. */
  sendAt: number | null
  /** For lease and overdue message alike: doubled at each expiry without progress, reset by progress. */
  patienceMs: number
  /** D1 has the run's rows. */
  inD1: boolean
  /** The run is to be cancelled in D1; repeated until D1 answers. */
  cancelling: boolean
  /** Asked: the slice is told at its next report. Revoked: D1 is to be raised, then the run is paused. */
  pausing: 'asked' | 'revoked' | null
  /** The run is to be reopened in D1. */
  reopening: boolean
  interrupting: { hold: boolean } | null
  directive: InterruptDirective | null
  attempts: number
  commitsBefore: number
  cautious: boolean
  interruptions: number
  resumptions: number
  resumptionCounted: boolean
  slices: number
  queueOperations: number
  objectRequests: number
  /** The last report: D1 as of then. */
  seen: Report
  result: string | null
  error: RunError | null
  attention: string | null
  children: string[]
  /** Grows with each change that lists should show; `indexed` is the one D1 has. */
  rev: number
  indexed: number
  createdAt: number
  startedAt: number | null
  updatedAt: number
  finishedAt: number | null
}

/** First patience. A killed run is taken up again this long after the last sign of life. */
export const PATIENCE_MS = 5_000
export const MAX_PATIENCE_MS = 15 * 60_000
/** How soon an interrupted run comes back by itself, so that an interruption can be seen. */
const SIGNAL_WAIT_MS = 1_000

export function initialDriving(run: NewRun, now: number, fence = 0): Driving {
  return {
    status: 'queued',
    reason: null,
    held: false,
    n: 1,
    fence,
    leaseUntil: null,
    overdueAt: null,
    sendAt: now + (run.options.waitMs ?? 0),
    patienceMs: PATIENCE_MS,
    inD1: false,
    cancelling: false,
    pausing: null,
    reopening: false,
    interrupting: null,
    directive: run.options.interrupt ?? null,
    attempts: 0,
    commitsBefore: 0,
    cautious: false,
    interruptions: 0,
    resumptions: 0,
    resumptionCounted: false,
    slices: 0,
    queueOperations: 0,
    objectRequests: 0,
    seen: {
      fence: 0,
      seq: 0,
      checkpoint: '{"completed":[]}',
      done: 0,
      skipped: 0,
      total: null,
      commits: 0,
      d1Statements: 0,
      d1RowsRead: 0,
      d1RowsWritten: 0,
      codeVersion: '',
      resumed: false,
    },
    result: null,
    error: null,
    attention: null,
    children: [],
    rev: 1,
    indexed: 0,
    createdAt: now,
    startedAt: null,
    updatedAt: now,
    finishedAt: null,
  }
}

/** A slice asks for the lane. Refused unless this very message is due and nobody holds the lease. */
export function claim(d: Driving, run: NewRun, n: number, now: number): Claim {
  const free =
    d.leaseUntil === null && !d.cancelling && !d.reopening && d.pausing === null && d.inD1
  const waiting = d.status === 'queued' || d.status === 'interrupted' || d.status === 'running'
  if (!free || !waiting || d.held || n !== d.n) return { ok: false, code: 'stale' }
  if (d.seen.commits > d.commitsBefore) {
    d.attempts = 0
    d.commitsBefore = d.seen.commits
  }
  d.attempts += 1
  d.fence += 1
  d.slices += 1
  d.leaseUntil = now + d.patienceMs
  d.overdueAt = null
  d.sendAt = null
  d.resumptionCounted = false
  d.startedAt ??= now
  show(d, 'running', null, now)
  const { afterMs, afterItems, at } = d.directive ?? {}
  return {
    ok: true,
    fence: d.fence,
    run,
    attempt: d.attempts,
    commitsBefore: d.commitsBefore,
    cautious: d.cautious,
    interrupt: d.directive && {
      ...(afterItems !== undefined && { afterItems }),
      ...(afterMs !== undefined && { atTime: d.startedAt + afterMs }),
      ...(at !== undefined && { at }),
    },
    stop: stopFor(d),
    leaseMs: d.patienceMs,
  }
}

/** Only the holder of the lease speaks. Renews the lease; adopts what D1 said, if it is news. */
export function report(d: Driving, news: Report, now: number): boolean {
  if (d.leaseUntil === null || news.fence !== d.fence) return false
  adopt(d, news)
  d.leaseUntil = now + d.patienceMs
  d.updatedAt = now
  return true
}

function adopt(d: Driving, news: Report): void {
  const newer = news.fence > d.seen.fence || (news.fence === d.seen.fence && news.seq > d.seen.seq)
  if (!newer) return
  const firstOfSlice = news.fence > d.seen.fence
  if (firstOfSlice && news.commits > d.commitsBefore) {
    // An earlier slice of this streak got further than its reports did.
    d.attempts = 1
    d.commitsBefore = news.commits
  }
  if (news.commits > d.seen.commits) d.patienceMs = PATIENCE_MS
  if (news.resumed && !d.resumptionCounted) {
    d.resumptionCounted = true
    d.resumptions += 1
  }
  d.seen = news
}

/** What the slice that holds the lease is to be told. */
export function stopFor(d: Driving): InterruptionReason | null {
  if (d.pausing) return 'pause'
  return d.interrupting ? 'signal' : null
}

/** A slice hands its lease back. False when it is not its holder any more. */
export function release(
  d: Driving,
  run: NewRun,
  last: Report | null,
  fence: number,
  outcome: Outcome,
  now: number,
  random: () => number,
): boolean {
  if (d.leaseUntil === null || fence !== d.fence || d.cancelling) return false
  if (last) adopt(d, last)
  d.leaseUntil = null
  d.n += 1
  d.cautious = false
  d.updatedAt = now
  const progressed = d.seen.commits > d.commitsBefore
  d.commitsBefore = d.seen.commits
  // Progress clears the count; so does anything but an error take this slice's attempt back.
  if (progressed) d.attempts = 0
  else if (outcome.kind !== 'errored') d.attempts = Math.max(0, d.attempts - 1)
  switch (outcome.kind) {
    case 'interrupted':
      d.interruptions += 1
      interrupted(d, run, outcome, now)
      break
    case 'errored':
      d.error = outcome.error
      d.cautious = true
      d.sendAt = now + retryWaitMs(run.options.retry, d.attempts, random)
      show(d, 'queued', null, now)
      break
    case 'ended':
      d.result = outcome.result ?? null
      d.error = outcome.error ?? null
      d.attention = outcome.attention ?? null
      d.children = outcome.children
      finish(d, outcome.status, now)
      break
    case 'superseded':
      d.fence = Math.max(d.fence, outcome.fence)
      d.sendAt = now
      break
    case 'state_lost':
      lose(d, now)
      break
  }
  if (
    d.pausing &&
    d.leaseUntil === null &&
    outcome.kind !== 'ended' &&
    outcome.kind !== 'state_lost'
  ) {
    d.pausing = null
    d.sendAt = null
    show(d, 'paused', 'pause', now)
  }
  return true
}

function interrupted(
  d: Driving,
  run: NewRun,
  outcome: Extract<Outcome, { kind: 'interrupted' }>,
  now: number,
): void {
  const deliberate = outcome.reason === 'signal'
  d.held =
    deliberate &&
    (outcome.directiveMet ? run.options.hold === true : (d.interrupting?.hold ?? false))
  if (deliberate) d.interrupting = null
  if (outcome.directiveMet) d.directive = null
  const wait = outcome.waitMs ?? (deliberate ? SIGNAL_WAIT_MS : 0)
  d.sendAt = d.held ? null : now + wait
  show(d, 'interrupted', outcome.reason, now)
}

/** D1 has no such run: nothing can be driven any more. */
export function lose(d: Driving, now: number): void {
  d.error = {
    name: 'DogearError',
    code: 'state_lost',
    message: 'The rows of this run are gone from D1; expected them until the run is purged',
  }
  finish(d, 'failed', now)
  d.indexed = d.rev
}

export function finish(
  d: Driving,
  status: 'completed' | 'failed' | 'cancelled',
  now: number,
): void {
  Object.assign(d, {
    leaseUntil: null,
    overdueAt: null,
    sendAt: null,
    cancelling: false,
    pausing: null,
    reopening: false,
    interrupting: null,
    held: false,
  })
  d.finishedAt = now
  show(d, status, null, now)
  // The end commit wrote the row; the index never touches an ended one.
  d.indexed = d.rev
}

/** A person asks. The caller has checked that the status allows it. */
export function command(d: Driving, what: Command, options: { hold?: boolean }, now: number): void {
  d.updatedAt = now
  switch (what) {
    case 'interrupt':
      d.interrupting = { hold: options.hold === true }
      break
    case 'pause':
      d.pausing ??= 'asked'
      d.sendAt = null
      d.overdueAt = null
      if (d.leaseUntil === null) revoke(d)
      show(d, d.status, 'pause', now)
      break
    case 'resume':
      if (d.status === 'paused' || d.held) d.n += 1
      d.held = false
      d.sendAt = now
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

function revoke(d: Driving): void {
  d.pausing = 'revoked'
  d.fence += 1
}

/** The clock has moved: leases run out, messages are overdue. True when a slice vanished. */
export function onTime(d: Driving, now: number): boolean {
  if (d.leaseUntil !== null && d.leaseUntil <= now) {
    d.leaseUntil = null
    d.cautious = true
    d.patienceMs = Math.min(MAX_PATIENCE_MS, d.patienceMs * 2)
    if (d.pausing) revoke(d)
    else d.sendAt = now
    return true
  }
  if (d.overdueAt !== null && d.overdueAt <= now) {
    d.overdueAt = null
    d.patienceMs = Math.min(MAX_PATIENCE_MS, d.patienceMs * 2)
    d.sendAt = now
  }
  return false
}

/** When the object must be woken; null when nothing is left to do. `owed` is asked again soon. */
export function nextAlarm(d: Driving, now: number): number | null {
  const owed =
    !d.inD1 || d.cancelling || d.reopening || d.pausing === 'revoked' || d.rev > d.indexed
  const times = [d.leaseUntil, d.overdueAt, d.sendAt, owed ? now + 1_000 : null]
  const due = times.filter((time) => time !== null)
  return due.length === 0 ? null : Math.min(...due)
}

/** D1 answered the object's own statement for a cancel. Success, or any end, that came first stands. */
export function cancelAnswered(
  d: Driving,
  answer: { status: string | null; fence: number },
  now: number,
): void {
  if (!d.cancelling) return
  if (answer.status === null) return lose(d, now)
  if (answer.status === 'cancelled') return finish(d, 'cancelled', now)
  if (answer.status === 'active') {
    // A higher fence than ours is in D1: take it over and ask again.
    d.fence = Math.max(d.fence, answer.fence) + 1
    return
  }
  d.cancelling = false
  closeSoon(d, now)
}

export function pauseAnswered(
  d: Driving,
  answer: { status: string | null; fence: number },
  now: number,
): void {
  if (d.pausing !== 'revoked') return
  if (answer.status === null) return lose(d, now)
  if (answer.fence > d.fence) {
    d.fence = answer.fence + 1
    return
  }
  d.pausing = null
  if (answer.status === 'active') show(d, 'paused', 'pause', now)
  else closeSoon(d, now)
}

export function reopenAnswered(
  d: Driving,
  answer: { status: string | null; fence: number },
  now: number,
): void {
  if (!d.reopening) return
  if (answer.status === null) return lose(d, now)
  if (answer.fence > d.fence) {
    d.fence = answer.fence + 1
    return
  }
  d.reopening = false
  d.error = null
  d.finishedAt = null
  d.attempts = 0
  d.n += 1
  d.sendAt = now
  show(d, 'queued', null, now)
}

/** D1 has an end that the object did not know: a slice finishes the closing. */
function closeSoon(d: Driving, now: number): void {
  d.n += 1
  d.sendAt = now
  show(d, 'queued', null, now)
}

function show(d: Driving, status: Status, reason: InterruptionReason | null, now: number): void {
  if (d.status !== status || d.reason !== reason) d.rev += 1
  d.status = status
  d.reason = reason
  d.updatedAt = now
}

/** Whether a run has anything to resume from. */
export function hasStarted(d: Driving): boolean {
  return hasProgress(JSON.parse(d.seen.checkpoint) as Checkpoint)
}
