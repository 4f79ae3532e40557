import { simulatedObject, simulatedWorker } from 'dogear/testing/simulator'
import { createDogear } from 'dogear/worker'
import { raisePrices } from './raise-prices.ts'

const jobs = createDogear({ jobs: [raisePrices], runs: 'RUNS', queue: 'QUEUE' })

/** As far away from D1 as the Worker. */
export class JobRun extends simulatedObject(jobs.JobRun) {}

export default simulatedWorker(jobs.wrap({}))
