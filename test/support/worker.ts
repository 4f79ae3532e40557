import { shopJobs } from '../../src/jobs/index.ts'
import { shopSchedules } from '../../src/jobs/schedules.ts'
import { createWorker } from '../../src/worker.ts'
import { appendJobs } from './jobs.ts'

export { JobRun } from '../../durable-objects/job-run.ts'

/**
 * The Worker with the test jobs beside the shop's, and without its queue consumer: every message is
 * lost here, and each test delivers those it wants itself.
 */
export default {
  ...createWorker([...shopJobs, ...appendJobs], shopSchedules),
  queue(): void {},
}
