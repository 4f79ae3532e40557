/**
 * Dogear's engine: resumable jobs for Cloudflare Workers. Start with `job.ts`, then read `slice.ts`.
 *
 * @module
 */
export { defineJob, defineIteration } from './job.ts'
export { setStatement } from './effects.ts'
export {
  enumerators,
  InvalidRecordError,
  PageError,
  Throttled,
  Tick,
  Unreadable,
} from './enumerators/index.ts'
export { Registry } from './registry.ts'
export { startRun } from './start.ts'
export { durationMs } from './durations.ts'
export { discardOn, restartOn, retryOn } from './error-rules.ts'
export { consume, isDogearMessage, runObjects, workerDeps } from './consumer.ts'
export { sweep } from './sweep.ts'
export { ALERT_KINDS } from './alert-policy.ts'
export { dismissAlert, listAlerts } from './alert-store.ts'
export { judgeRuns } from './alerts.ts'
export { parseLabel } from './labels.ts'
export { ID_START, selectRuns } from './run-filter.ts'
export { defineSchedule } from './schedule.ts'
export { readSchedules } from './schedule-store.ts'
export { listSchedules, runSchedules } from './scheduler.ts'
export { listRuns, readCheckpoint } from './run-list.ts'
export { childrenOf } from './fan-in.ts'
export { listSkips, redriveRun } from './skipped-items.ts'
export { listCommits } from './commit-list.ts'
export { forkRun, restartRun } from './fork.ts'
export { lineOf } from './line.ts'
export { logEvent } from './events.ts'
export { check, verifyLedger } from './ledger.ts'
export { verifyRun } from './verify-run.ts'
export { COMMIT_MS, cumulative, QUEUE_LAG_MS } from './histogram.ts'
export { countRuns, readMetrics } from './metric-store.ts'
export { bucketsOf } from './metrics.ts'
export { readOverview } from './overview.ts'
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
  IterationContext,
  IterationDefinition,
  Job,
  JobContext,
  JobDefinition,
  RunContext,
} from './job.ts'
export type { RunInfo } from './run-info.ts'
export type { ItemPosition, Step, StepFunction, StepOptions } from './step.ts'
export type { Effects, SetStatement, SqlValue } from './effects.ts'
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
export type { QueueMessage } from './consumer.ts'
export type { BudgetLimits } from './budget.ts'
export type { ErrorMatch, ErrorRule, RetryOptions } from './error-rules.ts'
export type { EngineEvent, EventPayloads, EventType, LoggedEvent, WatchFrame } from './events.ts'
export type { Labels } from './labels.ts'
export type { RunFilter, RunLabel } from './run-filter.ts'
export type { ChildRun } from './fan-in.ts'
export type { Overlap, Schedule, ScheduleDefinition } from './schedule.ts'
export type { ScheduleState } from './schedule-store.ts'
export type { ScheduleView } from './scheduler.ts'
export type { Bounds, Quantiles } from './histogram.ts'
export type { CounterName, Figure } from './metrics.ts'
export type { CheckpointHealth, Overview, StaleRun } from './overview.ts'
export type { AlertKind, AlertPolicy } from './alert-policy.ts'
export type { Alert, Problem } from './alert-store.ts'
export type { SkippedItem } from './skipped-items.ts'
export type { LedgerCommit } from './commit-list.ts'
export type { ForkDeps, ForkOptions } from './fork.ts'
export type { SkipPolicy } from './skips.ts'
export type { StepChanges } from './step-changes.ts'
export type { CommitPolicy } from './commit-policy.ts'
export type { InterruptOptions, ResumePolicy } from './resume.ts'
export type { RetryPolicy } from './retry.ts'
export type { Cursor } from './cursor.ts'
export type { Check } from './ledger.ts'
export type { Verification } from './verify-run.ts'
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
export type { InterruptDirective, Origin, SliceMessage, SliceView } from './protocol.ts'
