import type { RunError } from './errors.ts'
import type { Labels } from './labels.ts'

/** The style of a job; shown wherever a run is. */
export type Style = 'continuable' | 'iteration'

/** The states of a run, as people see it. */
export const STATUSES = [
  'queued',
  'running',
  'interrupted',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const
export type Status = (typeof STATUSES)[number]

/** The statuses that a commit in D1 has made final. */
export type EndStatus = 'completed' | 'failed' | 'cancelled'

/** The reasons why a slice ended, or is about to end, before its run is done. */
export const INTERRUPTION_REASONS = [
  'budget',
  'signal',
  'pause',
  'cancel',
  'deploy',
  'throttle',
  'isolated',
  'lanes',
] as const
export type InterruptionReason = (typeof INTERRUPTION_REASONS)[number]

/** Whether a run of that status goes on no more, unless somebody retries it. */
export function isEnded(status: Status): status is EndStatus {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** Commands that a person may give to a run. */
export const COMMANDS = ['interrupt', 'pause', 'resume', 'cancel', 'retry'] as const
export type Command = (typeof COMMANDS)[number]

/** The commands that each status allows. `resume` of an interrupted run also releases one that is held. */
const ALLOWED: Record<Status, readonly Command[]> = {
  queued: ['interrupt', 'pause', 'cancel'],
  running: ['interrupt', 'pause', 'cancel'],
  interrupted: ['interrupt', 'pause', 'resume', 'cancel'],
  paused: ['resume', 'cancel'],
  completed: [],
  failed: ['retry'],
  cancelled: ['retry'],
}

/** Whether a run of that status takes the command now. */
export function allows(status: Status, command: Command): boolean {
  return ALLOWED[status].includes(command)
}

/** Sums over the commits of a run. Costs are what D1 itself counted. */
export interface Progress {
  done: number
  /** Null while unknown; fixed at the first start. */
  total: number | null
  skipped: number
}

/** The commits of a run's last slice, as it has learned to make them. */
export interface Pace {
  /** Items of the next commit, unless time or size makes it due sooner. */
  items: number
  /** Time that a commit takes however few items it has: the way to the database and back, most of all. */
  wayMs: number
}

/** Attempts in a row that got no further, and failed. */
export interface Retry {
  failed: number
  /** So many make the run fail; null when it is retried for ever. */
  limit: number | null
}

/** A slice's right to the run, while one is at work on it. */
export interface LeaseView {
  /** The slice's last sign of life. */
  heardAt: string
  /** Without a further one the slice counts as gone then. */
  endsAt: string
}

/** The cost of the run so far, in the platform's units. */
export interface Cost {
  d1RowsRead: number
  d1RowsWritten: number
  d1Statements: number
  queueOperations: number
  durableObjectRequests: number
}

/** One of the lanes of a run, in JSON. */
export interface LaneView extends Pick<
  RunView,
  | 'status'
  | 'reason'
  | 'resumeAt'
  | 'attention'
  | 'cursor'
  | 'error'
  | 'attempts'
  | 'retry'
  | 'lease'
  | 'interruptions'
  | 'resumptions'
  | 'slices'
  | 'workedMs'
  | 'commits'
  | 'pace'
  | 'cost'
  | 'updatedAt'
> {
  /** Its number, from 0. */
  lane: number
  progress: Omit<Progress, 'total'>
}

/** The schedule that a run was started by. */
export interface RunSchedule {
  name: string
  /** The tick that it was started for, ISO 8601; null when a person asked for it. */
  tick: string | null
}

/** A run in JSON, the same for both styles. Times are ISO 8601. */
export interface RunView {
  id: string
  job: string
  style: Style
  status: Status
  reason?: InterruptionReason
  /** The interruption lasts until somebody resumes the run. */
  held?: boolean
  /** The time at which a waiting run goes on. */
  resumeAt?: string
  /** The time since which it has got no further, slice after slice, for one and the same kind of wait. */
  waitingSince?: string
  /** Something that a person should look at. */
  attention?: string
  /** The current step; null before the first, after the last, and for an iteration. */
  step: string | null
  cursor: unknown
  completedSteps: string[]
  labels?: Labels
  progress: Progress
  params: unknown
  result?: unknown
  error?: RunError
  attempts: number
  /** While the run is tried again, and when it gave up; the latter not in lists. */
  retry?: Retry
  /** While a slice is at work; not in lists. */
  lease?: LeaseView
  interruptions: number
  resumptions: number
  slices: number
  /** Time that its slices have worked on it, waits between them left out; the one under way is added when it ends. */
  workedMs: number
  commits: number
  pace?: Pace
  /** The lanes that its walk was cut into; what stands beside them is of all together. */
  lanes?: LaneView[]
  /** The policy that it was started with, instead of the job's own. */
  commit?: { everyItems?: number; everyMs?: number }
  cost: Cost
  codeVersion: string
  createdAt: string
  startedAt?: string
  updatedAt: string
  finishedAt?: string
  parent?: string
  schedule?: RunSchedule
  /** The run whose skipped items this one handles again. */
  redriveOf?: string
  /** The commit of another run that this one goes on from; seq 0: from before the first one. */
  forkOf?: { run: string; seq: number }
  children: string[]
}

/** The steps within a step, by name: those under way, each with its cursor. */
export interface NestedSteps {
  [step: string]: { cursor: unknown; completedSteps?: string[]; nestedSteps?: NestedSteps }
}
