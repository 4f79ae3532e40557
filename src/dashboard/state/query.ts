import { useCallback, useRef, useState } from 'hono/jsx/dom'
import { useBeginning } from './effect.ts'
import { Problem } from './api.ts'
import { tellConnection, tellHeld } from './connection.ts'
import { pacer } from './pacer.ts'

/** Something that is being asked for: what was answered last, and what is wrong now. */
export interface Query<T> {
  data: T | undefined
  /** Of the last try; what is shown meanwhile is the last answer. */
  problem: Problem | undefined
  again: () => void
  /** The same at its turn: for what nobody has pressed a button for. */
  soon: () => void
}

/** An error, as a problem to show. */
export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('page', 0, String(error))
}

/** A Worker that has had enough and does not say for how long. */
const HELD_MS = 60_000

/**
 * Asks at once, whenever `key` changes, and `everyMs` after each answer while the page is visible, at its
 * turn. An answer to an older question is dropped; with no key nothing is asked. `requests`: how many one
 * asking takes.
 */
export function useQuery<T>(
  key: string | undefined,
  ask: () => Promise<T>,
  everyMs?: number,
  requests = 1,
): Query<T> {
  const [state, setState] = useState<{ key: string | undefined; data?: T; problem?: Problem }>({
    key,
  })
  const [of] = useState(() => new Turns())
  of.everyMs = everyMs
  of.requests = requests
  const question = useRef(ask)
  question.current = ask

  const again = useCallback(async () => {
    if (key === undefined) return
    const mine = of.begin()
    const askedAt = performance.now()
    let held: number | undefined
    try {
      const data = await question.current?.()
      tellConnection(false, askedAt)
      if (of.isLast(mine)) setState({ key, data: data as T })
    } catch (error) {
      const problem = problemOf(error)
      tellConnection(problem.code === 'unreachable', askedAt)
      held = problem.status === 429 ? (problem.retryAfterMs ?? HELD_MS) : undefined
      if (held !== undefined) hold(held)
      else if (of.isLast(mine))
        setState((last) => (last.key === key ? { ...last, problem } : { key, problem }))
    }
    if (of.isLast(mine)) of.done(held !== undefined)
  }, [key])
  of.again = () => void again()

  useBeginning(() => {
    void again()
    return () => of.end()
  }, [key, everyMs === undefined])

  // What was answered to another question is not shown.
  const data = state.key === key ? state.data : undefined
  return {
    data,
    problem: state.key === key ? state.problem : undefined,
    again: () => void again(),
    soon: () => of.want(),
  }
}

/** The Worker has had enough of this caller: the page stays as it is until then. */
function hold(ms: number): void {
  pacer.hold(ms)
  tellHeld(ms)
}

/** When one query is asked next: one time at a time, and not before the last answer. */
class Turns {
  everyMs: number | undefined
  requests = 1
  again: () => void = () => {}
  #asked = 0
  #isAsking = false
  #isWanted = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #giveUp: (() => void) | undefined

  begin(): number {
    this.#stop()
    this.#isAsking = true
    this.#asked += 1
    return this.#asked
  }

  isLast(asked: number): boolean {
    return this.#asked === asked
  }

  /** Answered; `refused` is asked again, also what is asked only once. */
  done(refused: boolean): void {
    this.#isAsking = false
    if (this.#isWanted || refused) return this.want()
    if (this.everyMs !== undefined) this.#later(this.everyMs)
  }

  want(): void {
    this.#isWanted = this.#isAsking
    if (this.#isAsking || this.#giveUp) return
    clearTimeout(this.#timer)
    this.#giveUp = pacer.turn(() => this.again(), this.requests)
  }

  /** What is still on its way is for a question that is asked no more. */
  end(): void {
    this.#stop()
    this.#isAsking = false
    this.#asked += 1
  }

  #later(ms: number): void {
    // Nobody looks at a page that is hidden.
    this.#timer = setTimeout(() => (document.hidden ? this.#later(ms) : this.want()), ms)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#giveUp?.()
    this.#giveUp = undefined
    this.#isWanted = false
  }
}
