import type { RunError } from '../engine/errors.ts'

/**
 * What became of a tick. `waiting`: its run is still to be started. `failed`: its run could not be started.
 * `skipped`: the run before was still at work. `missed`: the Worker's cron trigger did not fire then.
 */
export const TICK_OUTCOMES = ['waiting', 'ran', 'failed', 'skipped', 'missed'] as const
export type TickOutcome = (typeof TICK_OUTCOMES)[number]

/** A tick of a schedule, as its history has it. */
export interface Tick {
  /** ISO 8601. */
  tick: string
  outcome: TickOutcome
  /** The run that it started; of one that was skipped, the run that was still at work. */
  run: string | null
  /** Why its run could not be started. */
  error?: RunError
  /** A person asked for it, and not the clock. */
  byHand?: true
}
