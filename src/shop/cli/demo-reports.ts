import { resumeAndVerify, startAndHold } from './scenes.ts'
import type { Stage, Story } from './stage.ts'

const CUSTOMERS = 100
const ORDERS_EACH = 50
const HOLD_AT = { customer: 42, order: 18 }
const ORDERS = CUSTOMERS * ORDERS_EACH
/** The orders of 41 customers, and 17 of the next one's. */
const ORDERS_BEFORE = (HOLD_AT.customer - 1) * ORDERS_EACH + HOLD_AT.order - 1

const JOBS = ['generate-reports', 'generate-reports-iteration']

/** Two levels, in both styles: held within customer 42, before order 18 of 50; goes on just there. */
export async function demoReports(stage: Stage): Promise<Story[]> {
  const { client, say } = stage
  const { customers, orders } = await client.seed({
    customers: CUSTOMERS,
    ordersPerCustomer: ORDERS_EACH,
  })
  say(`Seeded ${customers} customers with ${ORDERS_EACH} orders each: ${orders.total} orders.`)
  const stories: Story[] = []
  for (const job of JOBS) {
    await client.reset()
    const { customer, order } = HOLD_AT
    say(`\n── ${job}: held at order ${order} of customer ${customer} ──`)
    const interrupt = { at: `customer:${customer}/order:${order}` }
    const held = await startAndHold(stage, job, { interrupt }, ORDERS_BEFORE)
    say(
      `${held.progress.done} orders are done: all of ${customer - 1} customers, and ${order - 1} of customer ${customer}.`,
    )

    say(`\n── ${job}: resumed with order ${order} of customer ${customer} ──`)
    const { run, verification } = await resumeAndVerify(stage, held, ORDERS)
    stories.push({ job, run: run.id, heldAt: held.progress.done, verification })
  }
  return stories
}
