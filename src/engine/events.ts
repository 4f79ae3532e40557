import type { RunError } from './errors.ts'
import type { LogLevel } from './log-level.ts'
import { writeLine } from './log.ts'
import type { Command, InterruptionReason, RunView, Status } from './run.ts'

/** The position of a run in events. After Rails' `description`. */
export interface Whereabouts {
  /** `not started`, `after 'x'` or `at 'x', cursor 433`. */
  description: string
  completedSteps: readonly string[]
  currentStep: string | null
  cursor: unknown
}

/** Interruptions of a run, and the time its slices have worked on it, earlier ones included. */
export interface History {
  timesInterrupted: number
  totalTimeMs: number
}

export interface StepName {
  step: string
  /** The steps around it, outermost first, when it is a step within a step. */
  within?: readonly string[]
}

/**
 * Events of a run, by name. Slices tell most of them; what they cannot know (a claim, a lease that
 * ran out, what people ask, what is shown) the run's Durable Object tells. Holds at least what Rails'
 * `*.active_job` and job-iteration's `*.iteration` notifications tell.
 */
export interface EventPayloads {
  'run.created': { parent: string | null }
  /** `passOver`: the item that a retry passes over, as the run's error names it, `by` who asked, where that is known. */
  'run.commanded': {
    command: Command | 'kill'
    hold?: boolean
    now?: boolean
    passOver?: string
    by?: string
  }
  /** People see the run otherwise than before. */
  'run.changed': { status: Status; reason: InterruptionReason | null; held: boolean }
  /** A person should look at this; null once that is over. */
  'run.noted': { attention: string | null }
  /** A line that the job's own code has written: `run.log`. Kept apart from what happens to the run. */
  'run.logged': { level: LogLevel; message: string; fields?: unknown }
  'slice.claimed': { n: number; attempt: number; done: number; commits: number }
  /** Its lease ran out before it released. */
  'slice.vanished': object
  /** `queueLagMs`: from the sending of its message to the claim; unknown to an object of older code. */
  'slice.started': { attempt: number; queueLagMs?: number }
  /** The figures are missing when the run's object tells it for a slice of older code. */
  'slice.released': {
    outcome: string
    reason?: string
    error?: RunError
    durationMs?: number
    commits?: number
    d1Statements?: number
    d1RowsRead?: number
    d1RowsWritten?: number
  }
  'run.resumed': Whereabouts & History
  'run.interrupted': Whereabouts & { reason: InterruptionReason; waitMs?: number; why?: string }
  'run.errored': Whereabouts & { error: RunError; willRetry: boolean }
  /** Told again when a slice that came to tell it has died; `resumptions` are those of the whole run. */
  'run.ended': Whereabouts &
    History & { status: string; children: readonly string[]; resumptions: number }
  'step.started': StepName & { cursor: unknown; resumed: boolean }
  'step.skipped': StepName
  'step.completed': StepName & { durationMs: number }
  'step.interrupted': StepName & { cursor: unknown; durationMs: number }
  'step.errored': StepName & { cursor: unknown; durationMs: number; error: RunError }
  'iteration.built': { cursor: unknown; durationMs: number }
  'iteration.none': { cursor: unknown }
  /** Of a walk that has pages: how long it was waited for, and how many of its items were taken. */
  'iteration.page': { durationMs: number; rows: number }
  'iteration.item': { cursor: unknown; durationMs: number }
  /** `by`: who has asked for it to be passed over, where it was not the job's own tolerance. */
  'iteration.skipped': { cursor: unknown; attempts: number; error: RunError; by?: string }
  /** Without `waitMs` the wait is the engine's, longer each time; `why` is what the walk says. */
  'iteration.throttled': { cursor: unknown; waitMs?: number; why?: string }
  'iteration.nothing_found': History & { cursor: unknown }
  'iteration.aborted': { cursor: unknown; complete: boolean }
  'iteration.completed': History & { cursor: unknown }
  /** One of the run's lanes has come to its end. The first one's end is that of the run. */
  'lane.finished': object
  'commit.written': {
    seq: number
    step: string | null
    items: number
    skips: number
    durationMs: number
  }
  /** Commits whose answer was lost have landed after all. */
  'commit.found': { commits: number; items: number; skips: number }
}

export type EventType = keyof EventPayloads

/** An event of the engine. `at` is ISO 8601. */
export type EngineEvent = {
  [T in EventType]: {
    type: T
    at: string
    run: string
    job: string
    /** Where it is not the first. */
    lane?: number
    fence: number
  } & EventPayloads[T]
}[EventType]

/** An event with its number in the run's log: where a watcher goes on. */
export interface LoggedEvent {
  id: number
  event: EngineEvent
}

/** A message to a watcher of a run: an event of its log, or the run as it is now. */
export type WatchFrame = LoggedEvent | { run: RunView } | { line: LogLine }

export type Emit = <T extends EventType>(type: T, payload: EventPayloads[T]) => void

/** Happen for each item, page or commit: told to those who listen, and kept out of log and timeline. */
const FREQUENT: readonly EventType[] = ['iteration.item', 'iteration.page', 'commit.written']

/** Steps within steps begin and end for each item of the outer one. */
export function isFrequent(type: EventType, payload: object): boolean {
  return FREQUENT.includes(type) || ('within' in payload && type !== 'step.errored')
}

/** The log: a line of JSON per event, by which Workers' logs can be searched. */
export function logEvent(event: EngineEvent): void {
  // The slice that has claimed says so itself.
  if (isFrequent(event.type, event) || event.type === 'slice.claimed') return
  const errored = event.type === 'run.errored' || event.type === 'step.errored'
  const level = event.type === 'run.logged' ? event.level : errored ? 'error' : 'info'
  writeLine(level === 'info' ? 'log' : level, event)
}

/** Events of a slice, in order; `first` is the number of the first one within the slice. */
export interface ToldEvents {
  first: number
  events: readonly EngineEvent[]
  /** The job's own lines, numbered likewise. Older code does not tell, and does not hear. */
  lines?: { first: number; events: readonly LoggedLine[] }
}

/** A line of a job's own. */
export type LoggedLine = Extract<EngineEvent, { type: 'run.logged' }>

/** The same as it is kept, with its number in the run's log. */
export interface LogLine extends Pick<LoggedLine, 'at' | 'fence' | 'level' | 'message' | 'fields'> {
  id: number
}
