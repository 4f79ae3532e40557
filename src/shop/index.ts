/**
 * The worked example: a shop whose jobs settle orders, import files, write reports and send mail. It
 * imports Dogear by its public names only, as a Worker of your own would.
 *
 * @module
 */
export { shopApi } from './api/index.ts'
export { shopJobs } from './jobs/index.ts'
export { shopSchedules } from './jobs/schedules.ts'
