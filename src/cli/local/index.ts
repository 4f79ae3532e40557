/**
 * Runs the Worker of this repository on this machine, for its demos and tests. Not in the package: a Worker of
 * your own is run by `wrangler dev`.
 *
 * @module
 */
export { type LocalWorker, startLocalWorker } from './local-worker.ts'
export { buildMissingPage } from './page-build.ts'
export { onNpmGone } from './processes.ts'
export { PROJECT } from './wrangler.ts'
