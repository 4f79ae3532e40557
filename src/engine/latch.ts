import { DogearError } from './errors.ts'
import type { WalkedItem } from './pending-commit.ts'
import type { InterruptionReason } from './run.ts'

/** Why user code must stop now. None of these is a failure. */
export type StopSignal =
  /** A planned end of the slice; everything before it is committed. */
  | {
      kind: 'interrupt'
      reason: InterruptionReason
      directiveMet: boolean
      waitMs?: number
      /** What a walk says about why it stands still. */
      why?: string
    }
  /** A commit's outcome is unknown or its guard failed: raise again and go on from what D1 says. */
  | { kind: 'rewind'; cause: unknown }
  /** A commit was refused for good: the effects themselves are at fault. */
  | { kind: 'refused'; error: Error; items: number; onlyItem: WalkedItem | undefined }

/** Thrown through user code to unwind it. JavaScript's `catch` sees it, so it decides nothing. */
export class Unwind extends Error {
  override readonly name = 'Unwind'
}

/**
 * Remembers that user code was told to stop. A job that swallows the `Unwind` gets it again at its next
 * step or checkpoint, and after `perform` has returned, the latch decides what happened.
 */
export class Latch {
  signal: StopSignal | undefined
  #closed = false

  trip(signal: StopSignal): never {
    this.signal ??= signal
    throw new Unwind(`The slice is stopping (${this.signal.kind})`)
  }

  check(): void {
    if (this.#closed) {
      throw new DogearError(
        'run_released',
        'The slice has been released; its steps and effects can do nothing any more',
      )
    }
    if (this.signal) throw new Unwind(`The slice is stopping (${this.signal.kind})`)
  }

  /** After this every use of the slice's steps and effects throws. */
  close(): void {
    this.#closed = true
  }
}
