import type { RunError } from '../errors.ts'
import type { EndStatus, InterruptionReason, Status } from '../run.ts'
import type { InterruptDirective, NewRun, Report } from './run-record.ts'

/**
 * What a run's Durable Object knows about driving its run, and how each event changes it. Pure: the
 * object loads and stores this state, and does what the state says is owed (`durable-objects/run-host.ts`).
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
  /** What it waited for when a person stopped it: it goes on no sooner. */
  waitsUntil: number | null
  /** When the message that nobody has claimed yet was first sent, and its number. */
  sent: { n: number; at: number } | null
  /** Name of the queue binding it goes to. */
  queue: string
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
  /** When it was reopened last. */
  reopenedAt: number | null
  /** The run has ended, and a slice still has to close it. */
  closing: boolean
  /** Its rows are gone. Its parent may list it all the same: then it begins again. */
  orphaned: boolean
  /** Times in a row that D1 or the queue could not be reached for what is owed. */
  unpaid: number
  /** Since when; null while nothing is unpaid. */
  unpaidSince: number | null
  /** Since when what a person asked for is not answered; null when nothing is. */
  askedSince: number | null
  /** What keeps the run from getting on, when it has for long; shown as `attention`. */
  trouble: string | null
  interrupting: { hold: boolean } | null
  /** The fence of the slice that is to die at its next report. */
  killing: number | null
  directive: InterruptDirective | null
  /** Consecutive slices without progress. */
  attempts: number
  commitsBefore: number
  /** Commits that were progress, as far as they were heard of, and how many there were when this streak began. */
  progress: number
  progressBefore: number
  /** The slice that made the last progress ended with an error. */
  stumbled: boolean
  /** The last error since then. */
  lastError: RunError | null
  cautious: boolean
  /** Times in a row that D1 was out of reach, or the code too old; grows the wait. */
  standBacks: number
  /** Slices in a row that vanished before they had told anything, and how many there may be. */
  unheard: number
  unheardMost: number
  /** With `cancelling`: the run is to be failed in D1, with this error. */
  failing: RunError | null
  /** Slices in a row that were interrupted for a wait and got no further, and since when. */
  waits: number
  waitingSince: number | null
  /** The next slice is to have an invocation's memory and statements for itself. */
  alone: boolean
  interruptions: number
  resumptions: number
  /** How many of them were before a person's last retry: limits count those after it. */
  resumptionsBefore: number
  /** Slices that ended with an error of user code, since a person's last retry. */
  errors: number
  /** How long slices have worked on the run. */
  workedMs: number
  claimedAt: number | null
  /** How many events of the slice with the current fence were heard. */
  heard: number
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

/** The binding that every Worker has. */
export const DEFAULT_QUEUE = 'QUEUE'

/** So many slices more than may fail in a row may vanish before they have told anything. */
export const UNHEARD_MORE = 2

/** First patience. A killed run is taken up again this long after the last sign of life. */
export const PATIENCE_MS = 5_000
export const MAX_PATIENCE_MS = 15 * 60_000

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
    waitsUntil: null,
    sent: null,
    queue: run.options.queue ?? DEFAULT_QUEUE,
    patienceMs: PATIENCE_MS,
    inD1: false,
    cancelling: false,
    pausing: null,
    reopening: false,
    reopenedAt: null,
    closing: false,
    orphaned: false,
    unpaid: 0,
    unpaidSince: null,
    askedSince: null,
    trouble: null,
    interrupting: null,
    killing: null,
    directive: run.options.interrupt ?? null,
    attempts: 0,
    commitsBefore: 0,
    progress: 0,
    progressBefore: 0,
    stumbled: false,
    lastError: null,
    cautious: false,
    standBacks: 0,
    unheard: 0,
    unheardMost: UNHEARD_MORE,
    failing: null,
    waits: 0,
    waitingSince: null,
    alone: false,
    interruptions: 0,
    resumptions: 0,
    resumptionsBefore: 0,
    errors: 0,
    workedMs: 0,
    claimedAt: null,
    heard: 0,
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

/** Whether a slice has something to do for the run also when it is cancelled. */
export function needsClosing(run: NewRun): boolean {
  return run.parent !== null || run.options.closing === true
}

/** D1 is still to be told what a person asked for, or to answer it. */
export function isUnanswered(d: Driving): boolean {
  return d.cancelling || d.reopening || d.pausing === 'revoked'
}

/** The run is to go on, and nothing is under way that would see to it. */
export function isForgotten(d: Driving): boolean {
  const asleep = d.leaseUntil === null && d.overdueAt === null && d.sendAt === null
  const owes =
    d.closing ||
    ((d.status === 'queued' || d.status === 'running' || d.status === 'interrupted') && !d.held)
  return asleep && owes && !d.cancelling && !d.pausing
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
  d.orphaned = true
}

export function finish(d: Driving, status: EndStatus, now: number, at?: string): void {
  Object.assign(d, {
    leaseUntil: null,
    overdueAt: null,
    sendAt: null,
    cancelling: false,
    pausing: null,
    reopening: false,
    closing: false,
    interrupting: null,
    held: false,
    waitsUntil: null,
  })
  d.finishedAt = at === undefined ? now : Date.parse(at)
  show(d, status, null, now)
  // The end commit wrote the row; the index never touches an ended one.
  d.indexed = d.rev
}

/** Something owed that could not be done is tried again after this, and after twice as long each time. */
const DEBT_WAIT_MS = 1_000
const MAX_DEBT_WAIT_MS = 60_000

/**
 * When the object must be woken; null when nothing is left to do. Never at once: what is due now is
 * being done by whoever asks, and the alarm is there in case it fails.
 */
export function nextAlarm(d: Driving, now: number): number | null {
  const debtAt = now + Math.min(MAX_DEBT_WAIT_MS, DEBT_WAIT_MS * 2 ** d.unpaid)
  const owed = !d.inD1 || isUnanswered(d) || d.orphaned || d.rev > d.indexed
  const sendAt = d.sendAt === null ? null : Math.max(d.sendAt, d.inD1 ? 0 : debtAt)
  const times = [d.leaseUntil, d.overdueAt, sendAt, owed ? debtAt : null]
  const due = times.filter((time) => time !== null)
  return due.length === 0 ? null : Math.max(now + DEBT_WAIT_MS, Math.min(...due))
}

/** Changes what people see; lists are told when it is news. */
export function show(
  d: Driving,
  status: Status,
  reason: InterruptionReason | null,
  now: number,
): void {
  if (d.status !== status || d.reason !== reason) d.rev += 1
  d.status = status
  d.reason = reason
  d.updatedAt = now
}
