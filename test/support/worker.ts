import { shopJobs } from '../../src/shop/jobs/index.ts'
import { shopSchedules } from '../../src/shop/jobs/schedules.ts'
import { shopApi } from '../../src/shop/api/index.ts'
import { createWorker, JobRun as RealJobRun } from '../../src/worker.ts'
import { appendJobs } from './jobs.ts'

export { RunOfAnyCode } from './object-code.ts'

/** As it is, but its log would drown what the tests have to say. */
export class JobRun extends RealJobRun {
  override onEvent = (): void => {}
}

/**
 * The Worker with the test jobs beside the shop's, and without its queue consumer: every message is
 * lost here, and each test delivers those it wants itself.
 */
export default {
  ...createWorker([...shopJobs, ...appendJobs], {
    schedules: shopSchedules,
    api: shopApi,
  }),
  queue(): void {},
}
