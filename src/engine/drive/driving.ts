import type { RunError } from '../errors.ts'
import type { InterruptionReason, LaneView, Retry, Status } from '../run.ts'
import type { InterruptDirective, NewRun, PassOver, Report } from './run-record.ts'

/**
 * The state of a run's Durable Object: all that it knows about driving its run. Changed by pure functions; the
 * object loads and stores it, and does what it says is owed (`durable-objects/run-host.ts`). D1 holds the truth
 * of what has happened; this is about what is tried next.
 */
export interface Driving {
  status: Status
  reason: InterruptionReason | null
  /** Interrupted until somebody resumes it. */
  held: boolean
  /** Number of the message that may be claimed; moves on at each release. */
  n: number
  fence: number
  /** Of the slice with the current fence; null when no slice runs. */
  lease: Lease | null
  /** Asked of the run, and not carried out yet. */
  intent: Intent
  /** The time by which the message that was sent must have been claimed. */
  overdueAt: number | null
  /** The time at which a message is to be sent. */
  sendAt: number | null
  /** The time it waited for when a person stopped it: it goes on no sooner. */
  waitsUntil: number | null
  /** The message that nobody has claimed yet: its number, and the time it was first sent. */
  sent: { n: number; at: number } | null
  /** The queue that nobody takes messages from: as long as that is so, the object works the run's slices itself. */
  untaken?: string
  /** Name of the queue binding it goes to. */
  queue: string
  /** For lease and overdue message alike: doubled at each expiry without progress, reset by progress. */
  patienceMs: number
  /** D1 has the run's rows. */
  inD1: boolean
  /** The time it was last reopened. */
  reopenedAt: number | null
  /** The run has ended, and a slice still has to close it. */
  closing: boolean
  /** The run has ended in D1, by another lane or by an end that this object did not hear of: a slice is to find it. */
  endedInD1?: true
  /** Its rows are gone. Its parent may list it all the same: then it begins again. */
  orphaned: boolean
  /** Times in a row that D1 or the queue could not be reached for what is owed, and since when. */
  failures: { count: number; since: number } | null
  /** The time since which a request waits to be carried out; null when none does. */
  askedSince: number | null
  /** The reason why the run has not got on for long; shown as `attention`. */
  trouble: string | null
  /** A person wants the slice under way to be interrupted. */
  interrupting: { hold: boolean } | null
  /** The item that a person's retry is to pass over. */
  passOver: PassOver | null
  directive: InterruptDirective | null
  /** Consecutive slices without progress. */
  attempts: number
  /** The attempts of this streak that failed; for people. */
  retry: Retry | null
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
  /** Slices in a row that were interrupted for a wait and got no further, and since when. */
  waiting: { slices: number; since: number } | null
  /** The next slice is to have an invocation's memory and statements for itself. */
  alone: boolean
  /** The most items of a slice, where larger ones vanish. */
  sliceSize: SliceSize | null
  interruptions: number
  resumptions: number
  /** Those of them before a person's last retry: limits count those after it. */
  resumptionsBefore: number
  /** Slices that ended with an error of user code, since a person's last retry. */
  errors: number
  /** Time that slices have worked on the run. */
  workedMs: number
  slices: number
  queueOperations: number
  objectRequests: number
  /** The last report: D1 as of then. */
  seen: Report
  /** The lanes beside this one, where the run's walk was cut into some. */
  lanes?: DrivenLane[]
  /** Of a lane that is not the first: the `rev` that the run's object has heard of. */
  toldRun?: number
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

/**
 * The order to a lane: to work, to stand still until further notice, to stop, since the run has ended without it, or
 * to take note that it has finished.
 */
export type LaneOrder = 'work' | 'pause' | 'stop' | 'finish'

/** A lane that is not the first, as the run's object knows it. */
export interface DrivenLane {
  /** The last order that its object has taken. */
  told: LaneOrder | null
  /** As it was last heard of; null before that. */
  shown: LaneView | null
}

/** The right of a slice to the run's lane. */
export interface Lease {
  /** The time it runs out. */
  until: number
  claimedAt: number
  /** The number of the slice's events that have arrived. */
  heard: number
  /** The number of its job's own lines that have; older code does not note it. */
  heardLines?: number
  /** The slice is to die at its next report. */
  kill: boolean
  /** Its report that it has resumed the run is counted. */
  resumptionCounted: boolean
  /** Items that were known to be done when it began; older code did not note it. */
  doneBefore?: number
}

/**
 * The most items of a run's slice. An invocation that comes to its CPU limit is gone without a word, at the same
 * place each time: where slices vanish one after the other, the next ones do less, until they come back; those
 * that do make the next one larger again. So a run ends, slowly, however little an invocation may do.
 */
export interface SliceSize {
  items: number
  /** A slice of so many has vanished; null while none of a known size has. */
  tooMany: number | null
  /** Slices in a row that came back with all their items done. */
  good: number
}

/** An order to a run, of a person or of its own object. One at a time. */
export type Intent =
  | { readonly kind: 'none' }
  /** The slice learns it from the answer to its next report. `revoked`: its lane is taken away, and D1 is to be raised. */
  | { readonly kind: 'pause'; readonly revoked: boolean }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'fail'; readonly error: RunError }
  | { readonly kind: 'reopen' }

export const NO_INTENT: Intent = { kind: 'none' }

/** Stands for Dogear's own queue, whatever the Worker calls it. */
export const DEFAULT_QUEUE = 'QUEUE'

/** So many slices more than may fail in a row may vanish before they have told anything. */
export const UNHEARD_MORE = 2

/** The first patience. A killed run is taken up again this long after the last sign of life. */
export const LEASE_MS = 5_000
export const MAX_LEASE_MS = 15 * 60_000

const NOTHING_SEEN: Report = {
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
}

/** A run that nothing has happened to. */
const UNTOUCHED = {
  status: 'queued',
  reason: null,
  held: false,
  n: 1,
  lease: null,
  intent: NO_INTENT,
  overdueAt: null,
  waitsUntil: null,
  sent: null,
  patienceMs: LEASE_MS,
  inD1: false,
  reopenedAt: null,
  closing: false,
  orphaned: false,
  failures: null,
  askedSince: null,
  trouble: null,
  interrupting: null,
  passOver: null,
  attempts: 0,
  retry: null,
  commitsBefore: 0,
  progress: 0,
  progressBefore: 0,
  stumbled: false,
  lastError: null,
  cautious: false,
  standBacks: 0,
  unheard: 0,
  unheardMost: UNHEARD_MORE,
  waiting: null,
  alone: false,
  sliceSize: null,
  interruptions: 0,
  resumptions: 0,
  resumptionsBefore: 0,
  errors: 0,
  workedMs: 0,
  slices: 0,
  queueOperations: 0,
  objectRequests: 0,
  seen: NOTHING_SEEN,
  result: null,
  error: null,
  attention: null,
  rev: 1,
  indexed: 0,
  startedAt: null,
  finishedAt: null,
} as const satisfies Partial<Driving>

export function initialDriving(run: NewRun, now: number, fence = 0): Driving {
  const { waitMs = 0, queue = DEFAULT_QUEUE, interrupt = null } = run.options
  return {
    ...UNTOUCHED,
    fence,
    sendAt: now + waitMs,
    queue,
    directive: interrupt,
    children: [],
    createdAt: now,
    updatedAt: now,
  }
}
