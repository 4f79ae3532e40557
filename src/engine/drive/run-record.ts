import type { RunError } from '../errors.ts'
import type { Labels } from '../labels.ts'
import type { AlertPolicy } from '../policies/alert-policy.ts'
import type { CommitPolicy } from '../policies/commit-policy.ts'
import type { RetryPolicy } from '../policies/retry-policy.ts'
import type { EndStatus, Pace, RunSchedule, RunView, Style } from '../run.ts'

/** A run as D1 has it. */
export interface StoredRun extends NewRun {
  status: 'active' | EndStatus
  /** The highest fence of its lanes. */
  fence: number
  createdAt: string
  rev: number
  /** The run as its object last showed it, while it was under way. */
  shown: Partial<RunView>
  /** Its first lane. */
  seen: Report
  /** Its other lanes, in order. */
  others: { finished: 0 | 1; seen: Report }[]
  /** Encoded; null when there is none. */
  result: string | null
  error: RunError | null
  attention: string | null
  children: string[]
  finishedAt: string | null
  closedAt: string | null
}

/** The place where a person wants a run to stop, to the item. */
export interface InterruptDirective {
  /** After this many items of the run. */
  afterItems?: number
  /** This long after the run's first slice began. */
  afterMs?: number
  /**
   * Just before the item with this cursor, as `unit:value`: it is the first of the next slice. In walks
   * within walks level by level: `customer:42`, or `customer:42/order:18`. Where a
   * unit has a size (`unitSize`), the value is its number, from 1.
   */
  at?: string
}

/** Settings of a run, besides its job and params; they never change. */
export interface RunOptions {
  labels?: Labels
  /** Paths of params that are never shown. */
  sensitive?: readonly string[]
  /** Values that the runs before it never show, each encoded: a fork's cursors may repeat it, a child's params. */
  hidden?: readonly string[]
  alerts?: AlertPolicy
  /** The schedule that has started it. */
  schedule?: RunSchedule
  /** It only serves the Worker itself. */
  internal?: true
  commit?: CommitPolicy
  /** Its walk is to be cut into so many lanes. */
  lanes?: number
  interrupt?: InterruptDirective
  /** Deliberate interruptions last until somebody resumes the run. */
  hold?: boolean
  /** Wait before the first slice. */
  waitMs?: number
  /** Name of the queue binding that messages go to. @default Dogear's own */
  queue?: string
  /** Name of the one that they go to from the first interruption on. @default `queue` */
  resumeQueue?: string
  /** The run whose skipped items this one handles again. */
  redriveOf?: string
  /** The commits of that run whose skips are meant: after this seq, up to that one. */
  redriveAfterSeq?: number
  redriveUpToSeq?: number
  /** The runs whose work this one goes on from, the nearest first; each up to that commit. */
  origins?: readonly Origin[]
  /** The job's schema leaves these params as they are, so one of a later day can complete them. */
  completable?: true
  /** A slice has something to do also when the run is cancelled. */
  closing?: true
  retry: RetryPolicy
}

/** A commit of another run, after which a fork goes on. */
export interface Origin {
  run: string
  /** 0: before its first commit. */
  seq: number
}

/** The beginning of a fork. By value: its origin may go on, or be purged, before D1 has the fork. */
export interface Beginning {
  /** JSON of a `KeptState`. */
  state: string
  results: { step: string; result: string; seq: number }[]
  /** The code that wrote it. */
  codeVersion: string
}

/** A run as it is created; never changes. */
export interface NewRun {
  id: string
  /** The lane, where it is the definition of one that is not the first. */
  lane?: number
  /** The id follows from a key: D1 may have the run although its object does not. */
  derived?: true
  job: string
  style: Style
  /** JSON. */
  params: string
  options: RunOptions
  parent: string | null
}

/** The last word of D1: checkpoint and counters, under fence and seq. */
export interface Report {
  fence: number
  seq: number
  /** Encoded checkpoint. */
  checkpoint: string
  done: number
  skipped: number
  total: number | null
  commits: number
  /** Commits that took the run further; older code does not tell. */
  progress?: number
  d1Statements: number
  d1RowsRead: number
  d1RowsWritten: number
  codeVersion: string
  /** The slice resumed a run that had progress. */
  resumed: boolean
  /** The lanes that its walk was cut into; missing where it was not. */
  lanes?: number
  /** Missing before the first commit, and in what older code tells. */
  pace?: Pace
}

/** An item that a person has asked a run to go on without, after it had failed there. */
export interface PassOver {
  /** As the run's error names it: `at.place`. */
  place: string
  by: string
  /** The error it failed with, and how often. */
  error: RunError
  attempts: number
}
