import type { RunLog } from './run-log.ts'

/** A run as its own user code knows it. */
export interface RunInfo {
  readonly log: RunLog
  readonly id: string
  readonly job: string
  /** Consecutive slices without progress, this one included. */
  readonly attempt: number
  /** Slices that resumed progress of earlier ones, this one included. */
  readonly resumptions: number
  /** Planned ends of earlier slices. */
  readonly timesInterrupted: number
  /** The time that slices have worked on the run, up to now. */
  readonly totalTimeMs: number
  readonly parent: string | null
  /** The run whose skipped items this one handles again. */
  readonly redriveOf: string | null
  /** The run and the commit that this run goes on from, when it is a fork; else null. */
  readonly forkOf: { readonly run: string; readonly seq: number } | null
}
