import { env } from 'cloudflare:workers'
import { shopJobs } from '../../src/shop/jobs/index.ts'
import { shopSchedules } from '../../src/shop/jobs/schedules.ts'
import { shopApi } from '../../src/shop/api/index.ts'
import { isCanary } from '../../src/worker/canary.ts'
import { createDogear } from '../../src/worker/index.ts'
import { appendJobs } from './jobs.ts'

export { RunOfAnyCode } from './object-code.ts'

const dogear = createDogear({
  jobs: [...shopJobs, ...appendJobs],
  schedules: shopSchedules,
  runs: 'RUNS',
  // A second round of tests has none.
  ...('QUEUE' in env && { queue: 'QUEUE' as const }),
  version: 'VERSION',
  path: '/',
  api: shopApi,
  page: false,
  // `setup.ts` makes the tables, and tests count what is asked of D1.
  schema: 'manual',
})

/** As it is, but its log would drown what the tests have to say; and no message is missed, since all are lost here. */
export class JobRun extends dogear.JobRun {
  override onEvent = (): void => {}

  constructor(ctx: DurableObjectState, bindings: Cloudflare.Env) {
    super(ctx, bindings)
    this.inbox.lastTaken = () => Promise.resolve(undefined)
  }
}

/**
 * The Worker with the test jobs beside the shop's, and without its queue consumer: every message is
 * lost here, but for the doctor's, and each test delivers those it wants itself.
 */
export default {
  ...dogear.wrap({}),
  async queue(batch, bindings) {
    const messages = batch.messages.filter(isCanary)
    await dogear.queue({ messages } as unknown as MessageBatch, bindings)
  },
} satisfies ExportedHandler<Cloudflare.Env>
