import { z } from 'zod'
import { defineJob } from 'dogear'
import {
  customersIn,
  EMPTY_DRAFT,
  ordersOf,
  ReportDraft,
  reportScope,
  summarizeReports,
  withOrder,
  writeReport,
} from '../reports/reports.ts'
import { verifyReports } from '../reports/verify-reports.ts'

/** Reports on each customer's orders. In steps within steps; see the iteration beside it. */
export const generateReports = defineJob({
  name: 'generate-reports',
  description: 'Adds up the orders of each customer.',
  unit: 'customer/order',
  attributes: z.object({ draft: ReportDraft.default(EMPTY_DRAFT) }),
  async perform({ step, env, attributes, effects, run, enumerators, expectTotal }) {
    const scope = await step('load_customers', () => reportScope(env.DB))
    expectTotal(scope.orders)

    // What counts is the orders, one by one.
    const eachCustomer = { start: scope.firstCustomer, counts: false }
    await step('process_customers', eachCustomer, async (outer) => {
      const customers = enumerators.records(env.DB, customersIn(scope), { from: outer.cursor })
      for await (const [customer] of customers) {
        await outer.step('process_customer_orders', { start: 1 }, async (inner) => {
          const orders = enumerators.records(env.DB, ordersOf(customer), { from: inner.cursor })
          for await (const [order] of orders) {
            attributes.draft = withOrder(attributes.draft, order)
            await inner.advance({ from: order.number })
          }
        })
        writeReport(effects, run.id, customer.id, attributes.draft)
        attributes.draft = EMPTY_DRAFT
        // To the next customer and not to the next number: what the steps within have come to belongs to
        // the customer at the cursor, and a gap could be filled by another one.
        await outer.set(customer.next)
      }
    })

    return step('finalize', () => summarizeReports(env.DB, run.id))
  },
  verify: verifyReports,
})
