/**
 * Dogear's engine: resumable jobs for Cloudflare Workers. Start with `job.ts`, then read `slice.ts`.
 *
 * @module
 */

export { defineJob, defineIteration } from './job/define.ts'
export { setStatement } from './job/effects.ts'
export {
  enumerators,
  InvalidRecordError,
  PageError,
  Throttled,
  Tick,
  Unreadable,
} from './enumerators/index.ts'
export { Registry } from './job/registry.ts'
export { startRun } from './runs/start.ts'
export { durationMs } from './durations.ts'
export { discardOn, restartOn, retryOn } from './policies/error-rules.ts'
export { NonRetryableError, RetryAfterError } from './policies/retry-errors.ts'
export { consume, isDogearMessage, workerDeps } from './slice/consumer.ts'
export { runObjects } from './drive/run-objects.ts'
export { sweep } from './runs/sweep.ts'
export { ALERT_KINDS } from './policies/alert-policy.ts'
export { parseLabel } from './labels.ts'
export { ID_START, selectRuns } from './store/d1/run-filter.ts'
export { listRuns, readCheckpoint } from './runs/list.ts'
export { childrenOf } from './runs/children.ts'
export { redriveRun } from './runs/redrive.ts'
export { listSkips } from './runs/skips.ts'
export { listCommits } from './runs/commits.ts'
export { forkRun, restartRun } from './runs/fork.ts'
export { lineageOf } from './store/d1/lineage.ts'
export { logEvent } from './events.ts'
export { check } from './check.ts'
export { verifyLedger } from './runs/verify.ts'
export { verifyRun } from './runs/verify-run.ts'
export { allows, COMMANDS, isEnded, STATUSES } from './run.ts'
export {
  DogearError,
  InvalidCursorError,
  InvalidStepError,
  UnadvanceableCursorError,
} from './errors.ts'

export type {
  EnqueueChild,
  HookContext,
  IterationDefinition,
  Job,
  JobDefinition,
} from './job/job.ts'
export type { IterationContext, JobContext, RunContext, VerifyContext } from './job/context.ts'
export type { RunInfo } from './job/run-info.ts'
export type { ItemPosition, Step, StepFunction, StepOptions } from './job/step.ts'
export type { Effects, SetStatement } from './job/effects.ts'
export type { SqlValue } from './statement.ts'
export type {
  BatchOptions,
  BatchRange,
  ChainCursor,
  CsvBatchOptions,
  CsvCursor,
  CsvOptions,
  CsvRow,
  CursorPages,
  Entry,
  Enumerator,
  Enumerators,
  FileOptions,
  FilePosition,
  JsonLine,
  JsonLinesOptions,
  KeyCursor,
  Level,
  LevelPosition,
  LinkedPages,
  NestedCursor,
  NumberedPages,
  PageCursor,
  R2ObjectsOptions,
  RecordOptions,
  RecordQuery,
  ThrottleOptions,
  Walk,
} from './enumerators/index.ts'
export type { QueueMessage } from './slice/consumer.ts'
export type { BudgetLimits } from './policies/budget-limits.ts'
export type { ErrorMatch, ErrorRule, RetryOptions } from './policies/error-rules.ts'
export type { EngineEvent, EventPayloads, EventType, LoggedEvent, WatchFrame } from './events.ts'
export type { Labels } from './labels.ts'
export type { RunFilter, RunLabel } from './store/d1/run-filter.ts'
export type { ChildRun } from './runs/children.ts'
export type { AlertKind, AlertPolicy } from './policies/alert-policy.ts'
export type { SkippedItem } from './runs/skips.ts'
export type { LedgerCommit } from './runs/commits.ts'
export type { ForkDeps, ForkOptions } from './runs/fork.ts'
export type { SkipPolicy } from './policies/skip-policy.ts'
export type { StepChanges } from './policies/step-changes.ts'
export type { CommitPolicy } from './policies/commit-policy.ts'
export type { InterruptOptions, ResumePolicy } from './policies/resume-policy.ts'
export type { RetryPolicy } from './policies/retry-policy.ts'
export type { Cursor } from './cursor.ts'
export type { Check } from './check.ts'
export type { Verification } from './runs/verify-run.ts'
export type { ErrorCode, RunError } from './errors.ts'
export type {
  Command,
  Cost,
  InterruptionReason,
  NestedSteps,
  Progress,
  RunView,
  Status,
  Style,
} from './run.ts'
export type { SliceMessage, SliceView } from './drive/protocol.ts'
export type { InterruptDirective, Origin } from './drive/run-record.ts'
