import type { SliceMessage } from '../src/engine/drive/protocol.ts'

/**
 * Where the Worker has no queue, a run's messages stay with its object: its next alarm works the slice, which
 * so has an invocation of its own. Kept in memory only, as a queue may lose a message: the object's patience
 * sends it again.
 */
export class Inbox {
  #message: SliceMessage | undefined

  get isEmpty(): boolean {
    return this.#message === undefined
  }

  /** Of two, the later one counts: only it can be claimed. */
  put(message: SliceMessage): void {
    this.#message = message
  }

  take(): SliceMessage | undefined {
    const message = this.#message
    this.#message = undefined
    return message
  }
}
