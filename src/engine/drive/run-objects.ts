import { bindingsOf } from '../bindings.ts'
import type { RunObject, RunObjects } from './protocol.ts'

/** A run's Durable Object by its id. A stub is broken after an exception, so each call takes a new one. */
export function runObjects(env: object): RunObjects {
  return (run) => bindingsOf(env).runs.getByName(run) as unknown as RunObject
}
