import { shopJobs } from './shop/jobs/index.ts'
import { shopSchedules } from './shop/jobs/schedules.ts'
import { shopApi } from './shop/api/index.ts'
import { createWorker } from './worker.ts'

export { JobRun } from './worker.ts'

export default createWorker(shopJobs, shopSchedules, shopApi)
