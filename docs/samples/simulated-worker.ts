import { simulatedObject, simulatedWorker } from 'dogear/testing/simulator'
import { createWorker, JobRun as RealJobRun } from 'dogear/worker'
import { raisePrices } from './raise-prices.ts'

/** As far away from D1 as the Worker. */
export class JobRun extends simulatedObject(RealJobRun) {}

export default simulatedWorker(createWorker([raisePrices]))
