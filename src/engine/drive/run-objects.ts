import type { RunObjects } from './protocol.ts'

/** A run's Durable Object by its id. A stub is broken after an exception, so each call takes a new one. */
export function runObjects(env: Pick<Cloudflare.Env, 'RUNS'>): RunObjects {
  return (run) => env.RUNS.getByName(run)
}
