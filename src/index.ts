import { shopApi, shopJobs, shopSchedules } from './shop/index.ts'
import { simulatedObject, simulatedWorker } from './testing/simulator/index.ts'
import { createDogear } from './worker/index.ts'

const shop = createDogear({
  jobs: shopJobs,
  schedules: shopSchedules,
  runs: 'RUNS',
  queue: 'QUEUE',
  version: 'VERSION',
  path: '/',
  api: shopApi,
  page: false,
})

/** Some way off from its bindings, as is the Worker, if `npm run dev -- --simulate` says so. */
export class JobRun extends simulatedObject(shop.JobRun) {}

export default simulatedWorker(shop.wrap({}))
