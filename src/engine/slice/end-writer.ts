import { cutText } from '../cut-text.ts'
import type { Claim } from '../drive/protocol.ts'
import { grouped } from '../error-group.ts'
import type { RunError } from '../errors.ts'
import type { Redact } from '../redactor.ts'
import { EMPTY_CHECKPOINT } from '../steps/continuation.ts'
import { NOTHING_COVERED } from '../steps/position.ts'
import type { Change, CommitOutcome, End } from '../store/change.ts'
import type { Lane } from '../store/store.ts'

/** It may repeat what user code has thrown. */
const MAX_ATTENTION = 2_000

type Told = Pick<Extract<Claim, { ok: true }>, 'run' | 'interrupt'>

/** Writes what ends a run, or a round of it. */
export class EndWriter {
  readonly #lane: Lane
  readonly #claim: Told
  readonly #redact: Redact

  constructor(lane: Lane, claim: Told, redact: Redact) {
    this.#lane = lane
    this.#claim = claim
    this.#redact = redact
  }

  /** Commits the end of the run; with `pass`, with what that has left to be written. */
  end(end: End, pass?: { takeEnd(): Change }): Promise<CommitOutcome> {
    const change = pass?.takeEnd() ?? this.#nothing
    return this.#lane.commit({ ...change, end: this.#told({ ...this.#unmet(end), ...end }) })
  }

  /** Commits the beginning of the run's next round. */
  startOver(): Promise<CommitOutcome> {
    return this.#lane.commit({
      ...this.#nothing,
      checkpoint: EMPTY_CHECKPOINT,
      startOver: true,
      // Rounds have a limit of their own.
      progress: true,
    })
  }

  /** As people hear of it, whoever wrote it: alerts and webhooks take its `attention` from D1. */
  #told({ attention, error, ...end }: End): End {
    const { job } = this.#claim.run
    return {
      ...end,
      ...(error && { error: end.status === 'failed' ? grouped(job, error) : error }),
      ...(attention !== undefined && {
        attention: cutText(this.#redact(attention), MAX_ATTENTION),
      }),
    }
  }

  /** Nobody can tell beforehand whether a walk meets a cursor: a person should know that it did not. */
  #unmet({ status }: End): Pick<End, 'attention'> {
    const at = this.#claim.interrupt?.at
    if (status !== 'completed' || at === undefined) return {}
    return { attention: `The run was never interrupted: it met no cursor '${at}'` }
  }

  get #nothing(): Change {
    const { checkpoint } = this.#lane.state
    return { effects: [], checkpoint, ...NOTHING_COVERED, items: 0 }
  }
}

/** The end of a run that has failed. */
export function failedWith(error: RunError): End {
  return { status: 'failed', error, children: '[]' }
}
