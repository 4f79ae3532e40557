/**
 * A promise that tells when somebody waits for it: `await`, `then` and `Promise.all` do; `void`, and a
 * bare `catch`, do not. One that nobody waits for raises no alarm of its own: the engine finds it.
 */
export class Awaited<T> extends Promise<T> {
  #seen: (() => void) | undefined

  /** What is derived from it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** `seen` is called each time somebody begins to wait. */
  static of<T>(promise: Promise<T>, seen: () => void): Awaited<T> {
    const awaited = new Awaited<T>((resolve) => resolve(promise))
    awaited.#seen = seen
    void Promise.prototype.then.call(awaited, undefined, () => undefined)
    return awaited
  }

  // eslint-disable-next-line unicorn/no-thenable -- that is the point: `await` calls it
  override then<R = T, E = never>(
    fulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    rejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    const derived = super.then(fulfilled, rejected)
    if (typeof fulfilled !== 'function') return Awaited.of(derived, () => this.#seen?.())
    this.#seen?.()
    return derived
  }
}
