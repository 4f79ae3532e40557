/**
 * Your jobs in a Worker, with their API and page: `createDogear`. Its parts are here, too, for a Worker that ties
 * them together itself. `dogear/headless` has the same without API and page.
 *
 * @module
 */
import { assemble } from './assemble.ts'
import type { Dogear, DogearOptions } from './dogear.ts'
import { surface, type SurfaceOptions } from './surface.ts'

/**
 * The jobs of your Worker, with their API and page below a path.
 *
 *     // src/jobs.ts
 *     export const jobs = createDogear({ jobs: [remindOverdue], db: 'BILLING_DB' })
 *     // src/index.ts
 *     export const { JobRun } = jobs
 *     export default jobs.wrap({ fetch: app.fetch })
 *     // in a route
 *     const run = await jobs.start(c.env, remindOverdue, { params: { before: '2026-11-01' } })
 *
 * Throws `invalid_job`, `invalid_schedule` and `invalid_options`.
 */
export function createDogear(options: DogearOptions & SurfaceOptions): Dogear {
  return assemble(options, surface(options))
}

export { JobRun } from './job-run.ts'
export { logEvent } from '../engine/events.ts'
export { Registry } from '../engine/job/registry.ts'
export { sweep } from '../engine/runs/sweep.ts'
export { consume, isDogearMessage, workerDeps } from '../engine/slice/consumer.ts'
export type { Authorize, HostCaller } from '../api/access/authorize.ts'
export type { ApiAddition } from '../api/addition.ts'
export type { SliceMessage } from '../engine/drive/protocol.ts'
export type { EngineEvent, LoggedEvent } from '../engine/events.ts'
export type { Dogear, DogearOptions, Host, StartSettings, Wrapped } from './dogear.ts'
export type { NamedBindings } from './names.ts'
export type { SurfaceOptions } from './surface.ts'
