import type { Report } from '../drive/run-record.ts'
import type { Pace } from '../run.ts'
import { hasProgress } from '../steps/continuation.ts'
import type { Lane } from '../store/store.ts'

/** The progress of a slice, by what the store has answered to its raises and commits. */
export class SliceState {
  /** The store has answered at least once, so the lane's state is what it says. */
  raised = false
  /** This slice has resumed what earlier ones had done. */
  resumed = false
  /** Learns the size of commits; of the slice's last pass. */
  pacer: { readonly pace: Pace | undefined } | undefined
  readonly #lane: Pick<Lane, 'state' | 'report'>
  #commitsAtStart = 0
  #progressAtStart = 0

  constructor(lane: Pick<Lane, 'state' | 'report'>) {
    this.#lane = lane
  }

  /** To be called after the first raise. */
  begin(): void {
    const { commits, progress, checkpoint } = this.#lane.state
    this.raised = true
    this.#commitsAtStart = commits
    this.#progressAtStart = progress
    // What a fork begins with is none of its own progress.
    this.resumed = commits > 0 && hasProgress(checkpoint)
  }

  /** As it is reported to the run's Durable Object. */
  report(): Report {
    const pace = this.pacer?.pace
    return { ...this.#lane.report(this.resumed), ...(pace && { pace }) }
  }

  /** Commits of this slice. */
  get commits(): number {
    return this.#lane.state.commits - this.#commitsAtStart
  }

  /** This slice has taken the run further. */
  get progressed(): boolean {
    return this.#lane.state.progress > this.#progressAtStart
  }
}
