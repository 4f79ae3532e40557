/**
 * Tools to test jobs with, in vitest with `@cloudflare/vitest-plugin`: D1, Durable Objects and R2 are
 * the real ones; time, the queue and what a network does wrong are in the test's hand. See
 * `docs/testing.md`.
 *
 * @module
 */
export { applyDogear } from './apply-dogear.ts'
export { runInline, start, drive } from './inline.ts'
export { testBench, TestBench } from './bench.ts'
export type { BenchOptions, DriveOptions, ParamsOf, RunRef, StartSettings } from './bench.ts'
export {
  continueIterating,
  interruptAfterStep,
  interruptDuringStep,
  iterateExactly,
  iterateOnce,
} from './interruptions.ts'
export { killAfter, killBefore } from './kills.ts'
export type { KillOptions, KillPoint } from './kills.ts'
export type { LogLine } from '../engine/events.ts'
export { TestClock } from './test-clock.ts'
export { dogearMatchers } from './matchers.ts'
export { FaultyDatabase, NETWORK_ERROR } from './faulty-database.ts'
export type { D1Call, Fault, FaultPlan } from './faulty-database.ts'
export { limitedDatabase } from './limited-database.ts'
export { FaultyQueue } from './faulty-queue.ts'
export type { QueueFault, QueueFaultPlan } from './faulty-queue.ts'
export { FaultyBucket, R2_ERROR } from './faulty-bucket.ts'
export type { BucketCall, BucketFault, BucketFaultPlan } from './faulty-bucket.ts'
export type { SeededFaults } from './random.ts'
export { Invocation } from './invocation.ts'
export type { CallFault, CallPlan } from './invocation.ts'
export type { CallKind, SliceCall } from './slice-call.ts'
export { isClose, isCommit, isEnd, isRaise, nth } from './d1-calls.ts'
export { TestingError } from './errors.ts'
export type { TestingErrorCode } from './errors.ts'
export { CrashError, exploreCrashes, runUnderFaults } from './explore-crashes.ts'
export type { Explored, ExploreOptions, FaultsOptions } from './explore-crashes.ts'
export type { Experiment } from './exploration.ts'
export type { PointFault } from './schedule.ts'
export * from './simulator/index.ts'
