import { DogearError } from '../errors.ts'

/**
 * A part of user code that begins and ends: a step's block, an attempt at an item, a hook. What it was
 * given works until then; what it left running, that nobody awaited, can do nothing any more.
 */
export class Scope {
  /** The one that this one began in, as far as that is known. */
  readonly outer: Scope | undefined
  #over = false

  constructor(outer?: Scope) {
    this.outer = outer
  }

  get over(): boolean {
    if (this.#over) return true
    // A loop, since steps may lie hundreds deep.
    for (let scope = this.outer; scope; scope = scope.outer) if (scope.#over) return true
    return false
  }

  end(): void {
    this.#over = true
  }

  requireOpen(): void {
    if (this.over) throw tooLate()
  }
}

export function tooLate(): DogearError {
  return new DogearError(
    'run_released',
    'The step, item or hook that this belongs to has been released; this was not awaited, and can do nothing any more. Await all that a step, item or hook starts',
  )
}

/** The part of `AsyncLocalStorage` that is needed here. */
interface AsyncStorage {
  run<T>(scope: Scope, work: () => T): T
  getStore(): Scope | undefined
}

/** Null without the flag `nodejs_compat` or `nodejs_als`; undefined before anybody has asked. */
let known: AsyncStorage | null | undefined

/** Looked for when it is needed: the runtime loads it then, which took a third of a Worker's start. */
function storage(): AsyncStorage | null {
  if (known === undefined) known = newStorage()
  return known
}

function newStorage(): AsyncStorage | null {
  const { process } = globalThis as {
    process?: {
      getBuiltinModule?: (name: string) => { AsyncLocalStorage?: new () => AsyncStorage }
    }
  }
  const { AsyncLocalStorage } = process?.getBuiltinModule?.('node:async_hooks') ?? {}
  return AsyncLocalStorage ? new AsyncLocalStorage() : null
}

/** True where the runtime can tell what belongs to a scope by who calls. */
export function tellsCallers(): boolean {
  return storage() !== null
}

/** The scope that the caller was started in. */
export function callerScope(): Scope | undefined {
  return storage()?.getStore()
}

export function within<T>(scope: Scope, work: () => T): T {
  const kept = storage()
  return kept ? kept.run(scope, work) : work()
}
