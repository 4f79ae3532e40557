import { closedBy, mayBePurged } from './purge.ts'
import { Remembering } from './remembering.ts'
import type { RunState } from './run-state.ts'

/** An object whose run can be removed, from here and from D1. */
export abstract class Removable extends Remembering {
  protected abstract readonly state: RunState

  /** Makes sure that somebody drives the run. */
  abstract poke(id: string): Promise<void>

  /**
   * Removes the run from here and from D1, where it must have been closed before that time. Somebody may
   * have reopened it since whoever asks has seen it closed: then it stays.
   */
  async purge(id: string, closedBefore?: string): Promise<void> {
    const driving = this.state.load()?.driving
    if (driving && !mayBePurged(driving)) return this.poke(id)
    if (!this.state.storage.purging) {
      const closed = closedBefore ?? closedBy(driving, this.state.now())
      const { lanes = [] } = driving ?? {}
      this.state.storage.beginPurge({ run: id, closed, lanes: lanes.length })
      await this.state.arm()
    }
    await this.state.goOnWithPurge()
  }

  /** Removes the run as it is, under way or not: for tests, which begin it again. */
  async erase(id: string): Promise<void> {
    const { lanes = [] } = this.state.load()?.driving ?? {}
    await this.state.store.remove(id)
    await this.state.forgetAll({ run: id, lanes: lanes.length })
  }

  /** Of a lane that is not the first: its run is removed. */
  forgetLane(): Promise<void> {
    return this.state.forgetAll()
  }

  /** A run of the same key must not begin among the rows of the one that is being removed. */
  protected async endPurge(): Promise<void> {
    if (!this.state.storage.purging) return
    await this.state.goOnWithPurge()
    if (!this.state.storage.purging) return
    throw new Error('The run of this key is being purged; expected to be asked again in a minute')
  }
}
