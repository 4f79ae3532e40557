import type { RunError } from '../errors.ts'
import type { EventKind } from '../event-kinds.ts'
import type { LoggedEvent, LogLine, ToldEvents } from '../events.ts'
import type { LogLevel } from '../log-level.ts'
import type { Command, EndStatus, InterruptionReason, LaneView, Retry, RunView } from '../run.ts'
import type { LaneOrder } from './driving.ts'
import type { Beginning, NewRun, PassOver, Report } from './run-record.ts'

/**
 * The messages of the protocol: queue message, the Durable Object's methods and
 * their answers. Expected outcomes are returned values, since a thrown error loses its class on the
 * way. Fields are only ever added: for some minutes of a deploy, old and new code talk to each other. What
 * that does not cover is decided by a number that both sides tell: `protocol-number.ts`.
 */

/** A queue message. It carries no progress; `n` only lets a duplicate be dropped cheaply. */
export interface SliceMessage {
  run: string
  lane: number
  n: number
  /** Once the others of its delivery are done: it may be what ends their isolate. */
  alone?: true
}

export type Created =
  | { ok: true; created: boolean; run: RunView }
  | { ok: false; code: 'idempotency_conflict' }
  /** The Worker has no queue binding of that name. */
  | { ok: false; code: 'unknown_queue'; queue: string }

export type Claim =
  /** `outdated`: whoever asks is too old for this object. The run's message comes again after a while. */
  | { ok: false; code: 'stale' | 'unknown_run' | 'outdated' }
  | {
      ok: true
      /** The protocol's number of the object; an older one does not tell. */
      protocol?: number
      fence: number
      run: NewRun
      /** Consecutive slices without progress, this one included. */
      attempt: number
      /** Commits of the run when an earlier slice of this streak of attempts began. */
      commitsBefore: number
      /** Those of them that were progress; an older object does not tell. */
      progressBefore?: number
      /** The slice that made the last progress ended with an error: the first failure of what failed since. */
      stumbled?: boolean
      /** The error of the last slice of this streak that ended with one. */
      lastError?: RunError
      /** The slice before this one vanished: commit every item, so that a culprit has a name. */
      cautious: boolean
      /** The item that is not to be handled, but to be recorded as skipped. An older object does not tell. */
      passOver?: PassOver
      /** The most items that the slice is to do, where larger ones vanished. An older object does not tell. */
      mostItems?: number
      /** The rest of the directive, times made absolute. */
      interrupt: { afterItems?: number; atTime?: number; at?: string } | null
      stop: InterruptionReason | null
      leaseMs: number
      /** The sum of earlier slices; an older object does not tell. */
      history?: RunHistory
      /** Time that the run's message, or the first of several, waited for this claim; the same holds. */
      queueLagMs?: number
    }

/** The sum of a run's slices so far. */
export interface RunHistory {
  resumptions: number
  /** Those of them before a person's last retry; an older object does not tell. */
  resumptionsBefore?: number
  interruptions: number
  /** Slices that ended with an error of user code, since a person's last retry. */
  errors: number
  /** Time that slices have worked. */
  workedMs: number
}

export const NO_HISTORY: RunHistory = { resumptions: 0, interruptions: 0, errors: 0, workedMs: 0 }

export type Reported =
  /** `kill`: the slice is to die on the spot, as in a crash. */
  { ok: true; stop: InterruptionReason | null; kill?: true } | { ok: false; code: 'stale' }

/** The end of a slice. */
export type Outcome =
  | {
      kind: 'interrupted'
      reason: InterruptionReason
      directiveMet: boolean
      waitMs?: number
      /** The reason of the wait, for people. Older code does not tell. */
      why?: string
      /** The next slice is to have an invocation for itself. */
      alone?: true
      /** Nothing can go on before a person has seen to it: the run is paused, and says this. */
      pause?: string
    }
  /** `retry`, here and below: older code does not tell. */
  | { kind: 'errored'; error: RunError; waitMs?: number; retry?: Retry }
  | {
      kind: 'ended'
      status: EndStatus
      result?: string
      error?: RunError
      children: string[]
      attention?: string
      /** The run failed because no attempt was left. */
      retry?: Retry
      /** The time of the end commit; older code does not tell. */
      finishedAt?: string
    }
  /** D1 knows a newer fence than the Durable Object: it must take it over. */
  | { kind: 'superseded'; fence: number }
  /** D1 has no such run. */
  | { kind: 'state_lost' }

export type Released = { ok: true } | { ok: false; code: 'stale' }

/** A slice is killed once it reports; a run that no slice works on has none to kill. */
export type Killed =
  | { ok: true; run: RunView }
  | { ok: false; code: 'unknown_run' }
  | { ok: false; code: 'invalid_transition'; run: RunView }

export type Commanded =
  | { ok: true; run: RunView; pending: boolean }
  | { ok: false; code: 'unknown_run' }
  | {
      ok: false
      code: 'invalid_transition' | 'no_item_to_pass_over' | 'other_item'
      run: RunView
    }

/** A slice as the timeline keeps it. */
export interface SliceView {
  n: number
  fence: number
  startedAt: string
  endedAt: string | null
  /** `vanished`: its lease ran out before it released. */
  outcome: Outcome['kind'] | 'running' | 'vanished'
  reason: string | null
  items: number
  commits: number
  error: RunError | null
}

/** The newest slices that fit. */
export interface SlicesQuery {
  /** With a higher fence. */
  after?: number
  /** With a lower one. */
  before?: number
  limit?: number
}

/** The newest events that fit; ids as in `LoggedEvent`. */
export interface EventsQuery {
  after?: number
  before?: number
  limit: number
  only?: EventKind
}

export interface EventsPage {
  /** The newest first. */
  events: LoggedEvent[]
  /** Older ones begin before this id; null when there are none. */
  next: number | null
  /** All that fit and ever were, those that are left out included. */
  total: number
  leftOut: LeftOut[]
}

/** Events that are no longer kept. */
export interface LeftOut {
  /** What they have in common: their type, and the kind of their error; null for routine events of any type. */
  alike: string | null
  count: number
  /** The times of the first and of the last. */
  from: string
  to: string
}

/** The newest lines of a run's log that fit. */
export interface LinesQuery {
  after?: number
  before?: number
  limit: number
  /** The least that they are to matter. */
  level?: LogLevel
}

export interface LinesPage {
  /** The newest first. */
  lines: LogLine[]
  /** Older ones begin before this id; null when there are none. */
  next: number | null
  /** All that were ever written, of whatever level. */
  total: number
  /** Those of them that are not kept. */
  leftOut: LeftOut | null
}

/** The sums of a stretch of a run's time. */
export interface Stretch {
  from: string
  items: number
  commits: number
  /** Slices that began in it. */
  slices: number
  /** The time that its items and commits took: it may have begun before the stretch. */
  workedMs: number
  /** Slices that ended in it, by how; those that ended as planned are not counted. */
  vanished: number
  errored: number
  interrupted: number
}

export interface Stretches {
  /** The width of each; it doubles as the run grows. */
  widthMs: number
  /** Those in which something happened, the oldest first. */
  stretches: Stretch[]
}

/** The part of a run's Durable Object that the engine calls; the stub has the same shape. */
export interface RunObject {
  create(run: NewRun): Promise<Created>
  /** The answer to creating this run again; null when it is new. */
  known(run: NewRun): Promise<Created | null>
  /**
   * Creates a run that goes on from another one's state. A method of its own, since older code would
   * create one that does everything again.
   */
  fork(run: NewRun, beginning: Beginning): Promise<Created>
  /** `protocol`, here and below: the number of the slice's code. Older code does not tell. */
  claim(lane: number, n: number, protocol?: number): Promise<Claim>
  /** Older code tells no events. */
  report(report: Report, told?: ToldEvents, protocol?: number): Promise<Reported>
  release(
    report: Report | null,
    fence: number,
    outcome: Outcome,
    told?: ToldEvents,
    protocol?: number,
  ): Promise<Released>
  /** `by`, here and below: who asks, where that is known. */
  command(
    command: Command,
    options: { hold?: boolean; now?: boolean; by?: string },
  ): Promise<Commanded>
  /** A retry that passes over the item it failed at. A method of its own: older code would try the item again. */
  passOver(place: string, by: string): Promise<Commanded>
  kill(by?: string): Promise<Killed>
  describe(): Promise<RunView | null>
  /** The newest, oldest first. An older object gives all it has, whatever it is asked. */
  slices(query?: SlicesQuery): Promise<SliceView[]>
  /** An older object has no such method, nor the next ones. */
  history(query: EventsQuery): Promise<EventsPage>
  logs(query: LinesQuery): Promise<LinesPage>
  /** Those that end after this time, all without one. */
  stretches(after?: number): Promise<Stretches>
  poke(id: string): Promise<void>
  /**
   * Of a lane that is not the first: takes an order of the run's object, and begins with the first one. `seen`: what D1
   * has of it, if that was looked up.
   */
  order(lane: NewRun, order: LaneOrder, seen: Report | null): Promise<LaneView>
  /** Of the run's object: hears how a lane is. False where there is no such run. */
  hearLane(shown: LaneView): Promise<boolean>
  /** Of a lane that is not the first: its run is purged. */
  forgetLane(): Promise<void>
}

/** Finds the Durable Object of a run. */
export type RunObjects = (run: string) => RunObject
