/**
 * Dogear: resumable jobs for Cloudflare Workers. What the author of a job needs. Start with `job/job.ts`.
 * Starting, finding and proving runs is `dogear/runs`; serving them, `dogear/worker`.
 *
 * @module
 */
export { defineIteration, defineJob } from './job/define.ts'
export { setStatement } from './job/effects.ts'
export { enumerators, Throttled, Tick, Unreadable } from './enumerators/index.ts'
export { discardOn, restartOn, retryOn } from './policies/error-rules.ts'
export { NonRetryableError, RetryAfterError } from './policies/retry-errors.ts'
export { durationMs } from './durations.ts'
export { check } from './check.ts'
export { InvalidRecordError, PageError } from './enumerators/index.ts'
export {
  describeValue,
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
export type { LogFields, RunLog } from './job/run-log.ts'
export type { LogLevel } from './log-level.ts'
export type { ItemPosition, Step, StepFunction, StepOptions, WalkOptions } from './job/step.ts'
export type { Effects, SetStatement } from './job/effects.ts'
export type { SqlValue } from './statement.ts'
export type {
  BatchOptions,
  BatchRange,
  ChainCursor,
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
  Parts,
  R2ObjectsOptions,
  RecordOptions,
  RecordQuery,
  ThrottleOptions,
  Walk,
} from './enumerators/index.ts'
export type { AlertPolicy } from './policies/alert-policy.ts'
export type { BudgetLimits } from './policies/budget-limits.ts'
export type { CommitPolicy } from './policies/commit-policy.ts'
export type { ErrorMatch, ErrorRule, RetryOptions } from './policies/error-rules.ts'
export type { InterruptOptions, ResumePolicy } from './policies/resume-policy.ts'
export type { RetryPolicy } from './policies/retry-policy.ts'
export type { SkipPolicy } from './policies/skip-policy.ts'
export type { StepChanges } from './policies/step-changes.ts'
export type { Check } from './check.ts'
export type { Cursor } from './cursor.ts'
export type { ErrorCode, RunError } from './errors.ts'
export type { SkippedItem } from './skipped-item.ts'
export type { Progress, RunView, Status, Style } from './run.ts'
