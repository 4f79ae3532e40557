import { DogearError, ensureError } from '../errors.ts'
import type { StopSignal } from './stop-signal.ts'

/** Thrown through user code to unwind it. JavaScript's `catch` sees it, so it decides nothing. */
export class Unwind extends Error {
  override readonly name = 'Unwind'
}

/** The time that other branches of user code have to unwind once one of them went on after the stop. */
const GRACE_MS = 250
/** The time that user code has to unwind that catches the stop, or cleans up, and comes to no checkpoint. */
const UNWIND_MS = 30_000
/** Throws that user code may catch before its effects do nothing at all: a loop that catches must end. */
const MAX_THROWS = 10_000
/** The same for promises of a released slice; then they stay open. */
const MAX_REJECTIONS = 100
/** Rules of the engine that user code may break and catch before the run fails by the last of them. */
const MAX_BROKEN_RULES = 1_000

/**
 * Remembers that user code was asked to stop. It is told once, by an `Unwind` that its checkpoint throws.
 * Code that catches it and goes on comes no further than its next step or checkpoint, which never
 * settles: the slice ends without it.
 */
export class Latch {
  signal: StopSignal | undefined
  /** Rejects once user code need not be waited for: it went on after the stop, or takes too long. */
  readonly abandoned: Promise<never>
  readonly #abandon: (error: Error) => void
  #stopped = false
  #closed = false
  #throws = 0
  #rejections = 0
  #brokenRules = 0
  #strayed = false
  #timers: ReturnType<typeof setTimeout>[] = []

  constructor() {
    const { promise, reject } = Promise.withResolvers<never>()
    // It is raced with user code, which may be done before anybody waits for this.
    promise.catch(() => undefined)
    this.abandoned = promise
    this.#abandon = reject
  }

  /** User code was asked to stop, or its slice has been released: it may not go on. */
  get told(): boolean {
    return this.#stopped || this.#closed
  }

  trip(signal: StopSignal): never {
    this.signal ??= signal
    this.#stop()
    throw new Unwind(`The slice is stopping (${this.signal.kind})`)
  }

  /** The run fails by this error, whether or not user code catches it. */
  break(error: DogearError): never {
    this.signal ??= { kind: 'broken', error }
    this.#stop()
    throw error
  }

  /** User code broke a rule and may catch that; a loop that does so for ever must end. */
  noteBroken(thrown: unknown): void {
    const error = ensureError(thrown)
    if (!(error instanceof DogearError) || ++this.#brokenRules < MAX_BROKEN_RULES) return
    this.signal ??= { kind: 'broken', error }
    this.#stop()
  }

  /** The slice was killed: its user code comes no further. */
  kill(): void {
    this.#stopped = true
  }

  check(): void {
    if (this.told) throw this.#error()
  }

  /** For what user code waits for. To be called when it has been told already: it went on all the same. */
  hold(): Promise<never> {
    if (this.#stopped) this.#stray()
    else if (++this.#rejections <= MAX_REJECTIONS) return Promise.reject(this.#error())
    return new Promise(() => undefined)
  }

  /**
   * For what user code does not wait for. Throws; code that catches that again and again is let through,
   * to where it waits, and what it asks for is not done.
   */
  refuse(): void {
    if (++this.#throws <= MAX_THROWS) throw this.#error()
  }

  /** After this every use of the slice's steps and effects throws. */
  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #stop(): void {
    if (!this.#stopped) this.#leaveIn(UNWIND_MS)
    this.#stopped = true
  }

  #stray(): void {
    if (!this.#strayed) this.#leaveIn(GRACE_MS)
    this.#strayed = true
  }

  #leaveIn(ms: number): void {
    if (this.#closed) return
    const leave = () => this.#abandon(new Unwind('User code went on after it was asked to stop'))
    this.#timers.push(setTimeout(leave, ms))
  }

  #error(): Error {
    if (this.#stopped) return new Unwind(`The slice is stopping (${this.signal?.kind ?? 'ended'})`)
    return new DogearError(
      'run_released',
      'The slice has been released; its steps and effects can do nothing any more',
    )
  }
}
