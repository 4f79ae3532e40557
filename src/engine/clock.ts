/** Time as the engine sees it; injected, so that tests steer it. */
export interface Clock {
  /** Milliseconds since the epoch. Stands still between I/O in production. */
  now: () => number
  /** Resolves after `ms`. `wait(0)` lets other work of this isolate have its turn. */
  wait: (ms: number) => Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms) => scheduler.wait(ms),
}

const clocks = new WeakMap<object, Clock>()

/** From here on what works with this `env` keeps time by `clock`: one of a simulation, say. */
export function keepTimeBy(env: object, clock: Clock): void {
  clocks.set(env, clock)
}

export function clockOf(env: object): Clock {
  return clocks.get(env) ?? systemClock
}
