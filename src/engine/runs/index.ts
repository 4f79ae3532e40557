/**
 * Runs from the outside: start, find, fork and prove them, by `env` alone. What the API's routes are made
 * of, for code of your own: a queue of yours, an RPC method, a script.
 *
 * @module
 */
export { runObjects } from '../drive/run-objects.ts'
export { startRun } from './start.ts'
export { listRuns, readCheckpoint } from './list.ts'
export { childrenOf } from './children.ts'
export { eachSkip, listSkips } from './skips.ts'
export { redriveRun } from './redrive.ts'
export { listCommits } from './commits.ts'
export { forkRun, redoFromStep } from './fork.ts'
export { lineageOf } from '../store/d1/lineage.ts'
export { verifyLedger } from './verify.ts'
export { verifyRun } from './verify-run.ts'
export { parseLabel } from '../labels.ts'
export { allows, COMMANDS, isEnded, STATUSES } from '../run.ts'

export type { StartOptions } from './start.ts'
export type { ChildRun } from './children.ts'
export type { SkippedItem } from '../skipped-item.ts'
export type { LedgerCommit } from './commits.ts'
export type { ForkDeps, ForkOptions } from './fork.ts'
export type { Verification } from './verify-run.ts'
export type { RunObjects, SliceView } from '../drive/protocol.ts'
export type { Labels } from '../labels.ts'
export type { RunFilter, RunLabel } from '../store/d1/run-filter.ts'
export type {
  Command,
  Cost,
  InterruptionReason,
  NestedSteps,
  Progress,
  RunView,
  Status,
  Style,
} from '../run.ts'
