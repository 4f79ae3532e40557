/**
 * Your jobs in a Worker without API and page: what runs them, and nothing of what shows them.
 *
 * @module
 */
import { assemble } from './assemble.ts'
import type { Dogear, DogearOptions } from './dogear.ts'

/** As `createDogear` of `dogear/worker`, and nothing is served: `fetch` answers 404, and `owns` is never true. */
export function createDogear(options: DogearOptions): Dogear {
  return assemble(options)
}

export { JobRun } from './job-run.ts'
export type { Dogear, DogearOptions, Host, StartSettings, Wrapped } from './dogear.ts'
export type { NamedBindings } from './names.ts'
