interface Turn {
  go: () => void
  requests: number
}

/** The least time between two requests that nobody has pressed a button for. */
const APART_MS = 1_000

/**
 * Gives turns to whatever asks by itself: one request a second at most of a tab, in the order in which they
 * are wanted. A tab left open on a run at full speed must not use up what its token may ask.
 */
export class Pacer {
  readonly #waiting: Turn[] = []
  #freeAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Calls `go` when its turn comes; what is returned gives the turn up. */
  turn(go: () => void, requests = 1): () => void {
    const turn = { go, requests }
    this.#waiting.push(turn)
    this.#wait()
    return () => {
      const at = this.#waiting.indexOf(turn)
      if (at >= 0) this.#waiting.splice(at, 1)
    }
  }

  /** No turn comes before so long: the Worker has asked for it. */
  hold(ms: number): void {
    this.#freeAt = Math.max(this.#freeAt, Date.now() + ms)
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wait()
  }

  #wait(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0) return
    this.#timer = setTimeout(() => this.#next(), Math.max(0, this.#freeAt - Date.now()))
  }

  #next(): void {
    this.#timer = undefined
    const turn = this.#waiting.shift()
    if (!turn) return
    this.#freeAt = Date.now() + turn.requests * APART_MS
    turn.go()
    this.#wait()
  }
}

/** Of this tab. */
export const pacer = new Pacer()
