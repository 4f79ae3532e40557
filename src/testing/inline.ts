import type { Job } from '../engine/job/job.ts'
import type { RunView } from '../engine/run.ts'
import {
  testBench,
  type DriveOptions,
  type ParamsOf,
  type RunRef,
  type StartSettings,
  type TestBench,
} from './bench.ts'

let shared: TestBench | undefined

/** The bench that is used where none is named: the Worker's own `env`, one clock per test file. */
export function sharedBench(): TestBench {
  shared ??= testBench()
  return shared
}

/**
 * Starts a run and drives it to rest (ended, paused or held) without a queue and without waiting.
 * Throws `invalid_params` and the like as a start does; a run that fails is returned as `failed`.
 */
export function runInline<P>(
  job: Job<P>,
  params?: ParamsOf<P>,
  settings?: StartSettings,
): Promise<RunView> {
  return sharedBench().runInline(job, params, settings)
}

/** Starts a run and does not work on it yet. */
export function start<P>(
  job: Job<P>,
  params?: ParamsOf<P>,
  settings?: StartSettings,
): Promise<RunView> {
  return sharedBench().start(job, params, settings)
}

/** Drives a run until it is at rest: ended, paused or held. Time passes by the bench's clock. */
export function drive(run: RunRef, options?: DriveOptions): Promise<RunView> {
  return sharedBench().drive(run, options)
}
