import type { Beginning, NewRun, Report, StoredRun } from '../drive/run-record.ts'
import type { RunError } from '../errors.ts'
import type { EndStatus } from '../run.ts'
import type { Change, CommitOutcome, Holder } from './change.ts'
import type { LaneState } from './lane-state.ts'

/**
 * The port behind which runs are kept: what a slice does to its lane, and what a run's Durable Object does
 * to its rows. `d1/` is the one store there is.
 */

/** A lane as the slice that holds it sees it. */
export interface Lane {
  readonly holder: Holder
  /** As of the last raise or commit, the one under way included; when that fails, as before it. */
  readonly state: LaneState
  /**
   * Takes over the lane and reads its state, in one statement. False when a newer fence is there, or the
   * run is gone. Throws when the answer is unknown; raise again then.
   */
  raise(): Promise<boolean>
  /** Writes one commit, all or nothing. */
  commit(change: Change): Promise<CommitOutcome>
  /** The fence that the lane has now; null when there is no such lane. */
  currentFence(): Promise<number | null>
  /** Its state as it is reported to the run's Durable Object: what the store has answered. */
  report(resumed: boolean): Report
}

/** The writes of a slice, by name: `end` is the commit of a run's end, `close` the mark that follows it. */
export type LaneCall = 'raise' | 'commit' | 'end' | 'close'

/** A statement of a run's Durable Object. It counts unless the run has a lane of a higher fence. */
export interface ByFence {
  run: string
  /** Of one lane only. @default all */
  lane?: number
  fence: number
  /** ISO 8601. */
  at: string
}

/** The store's answer to it. */
export interface Fenced {
  /** Null when the run is gone. */
  status: 'active' | EndStatus | null
  /** The highest fence of the run's lanes now. */
  fence: number
}

/** The run that is removed, and how much of it at once. Without `closed` and `gone`: as it is. */
export interface Purge {
  /** Only if it was closed by then. */
  closed?: string
  /** The rest of one whose row is not there. */
  gone?: true
  /** At most so many of the large statements. */
  statements?: number
}

/** An end as it is stored, encoded. */
export interface StoredEnd {
  status: EndStatus
  result: string | null
  error: string | null
  attention: string | null
  children: string
  finishedAt: string
}

/** What is left to do in a run's rows once it has ended: by a slice, or by its object. */
export interface ClosingStore {
  /** The end of the run; null while it has not, or when it is gone. */
  endOf(run: string): Promise<StoredEnd | null>
  /**
   * Nothing is left to do for the run. By the fence of who has closed it: a late mark of an old closing says
   * nothing about a run that was reopened since.
   */
  close(run: string, at: string, fence?: number): Promise<void>
}

/** The rows of runs, for who works on a run as a whole. Each call can be repeated. */
export interface RunStore extends ClosingStore {
  /** Only creation inserts. False when the run was there before. */
  create(run: NewRun, at: string, codeVersion: string, beginning?: Beginning): Promise<boolean>
  /** Null when its rows are gone. */
  read(run: string): Promise<StoredRun | null>
  /** What there is of one of its lanes; null when it is gone. */
  laneOf(run: string, lane: number): Promise<StoredRun['others'][number] | null>
  /** Cancels the run; an end that came first stands. `closed`: no slice has anything to do for it any more. */
  cancel(by: ByFence, closed: boolean): Promise<Fenced>
  /** Fails the run in the same way. */
  fail(by: ByFence, how: { closed: boolean; error: RunError }): Promise<Fenced>
  /** Raises all lanes: whatever a slice has under way is dead then. */
  raise(by: ByFence): Promise<Fenced>
  /** Reopens a failed or cancelled run; its checkpoint stands. */
  reopen(by: ByFence): Promise<Fenced>
  /** Keeps the view that lists show of a run under way. `rev` only grows. */
  index(run: string, rev: number, phase: string, shown: string): Promise<void>
  /** True when `parent` has ended and lists this run, without having it wait for the others. */
  lists(parent: string, run: string): Promise<boolean>
  /** `left`: there are more rows than could be removed now; `kept`: the run is not to be purged. */
  remove(run: string, purge?: Purge): Promise<'removed' | 'left' | 'kept'>
}

/** The writes of a run's object, by name. */
export type RunCall = 'create' | 'index' | 'cancel' | 'fail' | 'reopen'
