import type { EngineEvent, ToldEvents } from '../events.ts'
import { shortEvent } from '../short-event.ts'

/** A slice that cannot tell for a while keeps the newest. (The log has them all.) */
const MAX_UNTOLD = 200

/** Events of which a run's Durable Object does not know yet. Telling it twice is harmless: each has its number. */
export class UntoldEvents {
  #first = 0
  #events: EngineEvent[] = []

  add(event: EngineEvent): void {
    this.#events.push(shortEvent(event))
    if (this.#events.length > MAX_UNTOLD) this.#drop(1)
  }

  all(): ToldEvents {
    return { first: this.#first, events: [...this.#events] }
  }

  /** The object has answered to these. */
  heard({ first, events }: ToldEvents): void {
    this.#drop(Math.max(0, first + events.length - this.#first))
  }

  #drop(count: number): void {
    this.#events.splice(0, count)
    this.#first += count
  }
}
