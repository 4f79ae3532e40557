import { isEnded } from '../run.ts'
import { closeSoon } from './commands.ts'
import { type Driving, NO_INTENT } from './driving.ts'
import { storedLane } from './lanes-view.ts'
import { isUnanswered } from './owed.ts'
import type { NewRun, StoredRun } from './run-record.ts'
import { redactorOf } from '../sensitive.ts'
import { finish, sendNothing } from './showing.ts'

/**
 * A run's object and D1, brought together again. D1 is right about what has happened: after a restore by time
 * travel it may say less than the object knows. The object is right about what is tried next. Pure.
 */

/** A run whose object has lost its storage, as D1 has it. */
export function recovered(
  stored: StoredRun,
  now: number,
): { run: NewRun; known: Partial<Driving> } {
  const { shown, fence, seen, rev } = stored
  const known: Partial<Driving> = {
    fence,
    seen,
    ...lanesOf(stored),
    ...progressOf(seen),
    createdAt: Date.parse(stored.createdAt),
    rev: rev + 1,
    indexed: rev,
    inD1: true,
    attempts: shown.attempts ?? 0,
    interruptions: shown.interruptions ?? 0,
    resumptions: shown.resumptions ?? 0,
    slices: shown.slices ?? 0,
    workedMs: shown.workedMs ?? 0,
    queueOperations: shown.cost?.queueOperations ?? 0,
    objectRequests: shown.cost?.durableObjectRequests ?? 0,
    startedAt: shown.startedAt === undefined ? null : Date.parse(shown.startedAt),
    ...(stored.status === 'active' ? standing(stored, now) : ended(stored, now)),
  }
  return { run: definition(stored), known }
}

function progressOf({ commits, progress = 0 }: StoredRun['seen']): Partial<Driving> {
  return { commitsBefore: commits, progress, progressBefore: progress }
}

function lanesOf(stored: StoredRun): Pick<Driving, 'lanes'> {
  const redact = redactorOf(stored)
  const lanes = stored.others.map((lane, index) => {
    return { told: null, shown: redact(storedLane(index + 1, lane, stored.createdAt)) }
  })
  return lanes.length === 0 ? {} : { lanes }
}

function definition({ id, job, style, params, options, parent }: StoredRun): NewRun {
  // Whether its directive was met is not known any more: going on is what matters.
  const { interrupt: _interrupt, ...rest } = options
  return { id, job, style, params, options: rest, parent }
}

/** Orders of people are kept: who has paused a run means it. */
function standing({ shown, fence, createdAt, options }: StoredRun, now: number): Partial<Driving> {
  const { status, reason, held, resumeAt } = shown
  const waitsUntil = resumeAt ?? (status ? undefined : createdAt)
  const extra = status ? 0 : (options.waitMs ?? 0)
  const sendAt = waitsUntil === undefined ? now : Date.parse(waitsUntil) + extra
  if (status === 'paused') {
    // One that waits for a person says what for.
    const attention = reason === 'deploy' ? (shown.attention ?? null) : null
    return { status, reason: reason ?? 'pause', attention, sendAt: null }
  }
  if (held) return { status: 'interrupted', reason: reason ?? 'signal', held, sendAt: null }
  if (reason === 'pause')
    return { reason, intent: { kind: 'pause', revoked: true }, fence: fence + 1, sendAt: null }
  if (reason === 'cancel')
    return { reason, intent: { kind: 'cancel' }, fence: fence + 1, sendAt: null }
  if (status === 'interrupted') return { status, reason: reason ?? null, sendAt }
  return { sendAt }
}

function ended(
  { status, result, error, attention, children, finishedAt, closedAt, rev }: StoredRun,
  now: number,
): Partial<Driving> {
  // A slice finds the end and closes the run: then it is shown.
  if (status === 'active' || closedAt === null) return { sendAt: now }
  return {
    status,
    result,
    error,
    attention,
    children,
    sendAt: null,
    finishedAt: Date.parse(finishedAt ?? closedAt),
    // The index never touches an ended row.
    rev,
  }
}

/**
 * The object's state, and D1's row. While a slice holds the lease, its own raise finds out; what a person
 * asked for is being asked of D1 anyway.
 */
export function adoptStored(d: Driving, stored: StoredRun, now: number): void {
  if (!d.inD1 || d.lease !== null) return
  d.fence = Math.max(d.fence, stored.fence)
  d.seen = stored.seen
  if (stored.others.length > (d.lanes?.length ?? 0)) Object.assign(d, lanesOf(stored))
  const { commits, progress = 0 } = stored.seen
  d.commitsBefore = Math.min(d.commitsBefore, commits)
  d.progress = progress
  d.progressBefore = Math.min(d.progressBefore, progress)
  if (isUnanswered(d)) return
  if (stored.status === 'active') {
    delete d.endedInD1
    if (isEnded(d.status)) reopen(d)
    else indexAgain(d, stored)
  } else if (d.status !== stored.status || stored.closedAt === null) {
    end(d, stored, now)
  }
}

/** D1 has forgotten the end: the run goes on, by the object's own next fence. */
function reopen(d: Driving): void {
  d.intent = { kind: 'reopen' }
  d.closing = false
  d.orphaned = false
  sendNothing(d)
  d.fence += 1
}

/** D1 has an end that the object does not know, or one that no slice has closed. */
function end(d: Driving, stored: StoredRun, now: number): void {
  // Its message is under way.
  if (stored.status === 'active' || (d.closing && d.overdueAt !== null)) return
  if (stored.closedAt === null) {
    d.held = false
    d.intent = NO_INTENT
    d.overdueAt = null
    if (isEnded(d.status)) d.closing = true
    closeSoon(d, now)
    return
  }
  d.result = stored.result
  d.error = stored.error
  d.attention = stored.attention
  d.children = stored.children
  finish(d, stored.status, now, stored.finishedAt ?? undefined)
}

/** Lists show what D1 had then, or what an object said that lost its storage since. */
function indexAgain(d: Driving, { rev }: StoredRun): void {
  if (rev === d.indexed) return
  d.rev = Math.max(d.rev, rev) + 1
  d.indexed = rev
}
