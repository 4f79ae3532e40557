import { shopApi, shopJobs, shopSchedules } from './shop/index.ts'
import { simulatedObject, simulatedWorker } from './testing/simulator/index.ts'
import { createWorker, JobRun as RealJobRun } from './worker.ts'

/** Some way off from its bindings, as is the Worker, if `npm run dev -- --simulate` says so. */
export class JobRun extends simulatedObject(RealJobRun) {}

export default simulatedWorker(createWorker(shopJobs, { schedules: shopSchedules, api: shopApi }))
