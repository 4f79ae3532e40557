import type { EngineEvent, LoggedLine, ToldEvents } from '../events.ts'

/** A slice that cannot tell for a while keeps the newest. (The log has them all.) */
const MAX_UNTOLD = 200

/** Events, and the job's own lines, of which a run's Durable Object does not know yet. Telling it twice is harmless: each has its number. */
export class UntoldEvents {
  readonly #events = new Untold<EngineEvent>()
  readonly #lines = new Untold<LoggedLine>()

  add(event: EngineEvent): void {
    if (event.type === 'run.logged') this.#lines.add(event)
    else this.#events.add(event)
  }

  all(): ToldEvents {
    const lines = this.#lines.all()
    return { ...this.#events.all(), ...(lines.events[0] && { lines }) }
  }

  /** The object has answered to these. */
  heard(told: ToldEvents): void {
    this.#events.heard(told)
    if (told.lines) this.#lines.heard(told.lines)
  }
}

class Untold<T> {
  #first = 0
  #events: T[] = []

  add(event: T): void {
    this.#events.push(event)
    this.#drop(this.#events.length - MAX_UNTOLD)
  }

  all() {
    return { first: this.#first, events: [...this.#events] }
  }

  heard({ first, events }: { first: number; events: readonly unknown[] }): void {
    this.#drop(first + events.length - this.#first)
  }

  #drop(count: number): void {
    if (count > 0) this.#first += this.#events.splice(0, count).length
  }
}
