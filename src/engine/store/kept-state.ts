import type { Beginning, Report } from '../drive/run-record.ts'
import { EMPTY_CHECKPOINT, type Checkpoint } from '../steps/continuation.ts'
import type { LaneState } from './lane-state.ts'

/** A run's state after a commit, as the ledger keeps it for forks. */
export interface KeptState {
  checkpoint: Checkpoint
  /** Encoded; null before the first commit of a job that declares some. */
  attributes: string | null
  done: number
  skipped: number
  total: number | null
  /** The number of step results stored then: fewer of that time mean that some were forgotten since. */
  results: number
}

/** The state of a run that has done nothing. */
export const NOTHING_DONE: KeptState = {
  checkpoint: EMPTY_CHECKPOINT,
  attributes: null,
  done: 0,
  skipped: 0,
  total: null,
  results: 0,
}

/** Every commit keeps one as long as its run is kept: a large state must not become a large ledger. */
const MAX_LENGTH = 8_000

/**
 * The state after a commit, as JSON; null when it is not kept. A step that waits for one that was added
 * before it has a range of its own in the ledger, and a fork's ledger can open with one range only.
 */
export function keptState(lane: LaneState): string | null {
  const { checkpoint, attributes, done, skipped, total, results } = lane
  // What several lanes have done is not one place to go on from.
  if (checkpoint.suspended || lane.lanes > 0) return null
  const state: KeptState = {
    checkpoint,
    attributes,
    done,
    skipped,
    total,
    results: results.size,
  }
  const text = JSON.stringify(state)
  return text.length <= MAX_LENGTH ? text : null
}

/** The report of a fork that no slice has worked on. */
export function seenAtBeginning({ state, codeVersion }: Beginning): Partial<Report> {
  const { checkpoint, done, skipped, total } = JSON.parse(state) as KeptState
  return { checkpoint: JSON.stringify(checkpoint), done, skipped, total, codeVersion }
}
