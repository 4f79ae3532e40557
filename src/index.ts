import { shopJobs } from './jobs/index.ts'
import { shopSchedules } from './jobs/schedules.ts'
import { shopApi } from './shop/api.ts'
import { createWorker } from './worker.ts'

export { JobRun } from '../durable-objects/job-run.ts'

export default createWorker(shopJobs, shopSchedules, shopApi)
