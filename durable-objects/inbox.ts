import type { SliceMessage } from '../src/engine/drive/protocol.ts'

/** When a message of the Worker's queue was last taken, as far as that was noted; null for never. */
export interface LastTaken {
  queue: string
  at: number | null
}

/**
 * Where the Worker has no queue, a run's messages stay with its object: its next alarm works the slice, which
 * so has an invocation of its own. Kept in memory only, as a queue may lose a message: the object's patience
 * sends it again.
 */
export class Inbox {
  /** Works a slice. Without it the object cannot do so, and its Worker must have a queue. */
  workSlice: ((message: SliceMessage) => Promise<void>) | undefined
  /** Asked where a message that went to the queue is missed. Undefined where it is not known. */
  lastTaken: () => Promise<LastTaken | undefined> = () => Promise.resolve(undefined)
  #message: SliceMessage | undefined

  get isEmpty(): boolean {
    return this.#message === undefined
  }

  /** Of two, the later one counts: only it can be claimed. */
  put(message: SliceMessage): void {
    this.#message = message
  }

  /** Works the slice that is waiting. What becomes of it, its claim and its release say. */
  async work(): Promise<void> {
    const message = this.#message
    this.#message = undefined
    if (message) await this.workSlice?.(message)
  }
}
