import { shopApi, shopJobs, shopSchedules } from './shop/index.ts'
import { createWorker } from './worker.ts'

export { JobRun } from './worker.ts'

export default createWorker(shopJobs, { schedules: shopSchedules, api: shopApi })
