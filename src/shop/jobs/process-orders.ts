import { defineJob } from 'dogear'
import {
  OrderRange,
  pendingOrders,
  pendingRange,
  settleOrder,
  summarizeRun,
} from '../orders/orders.ts'
import { verifyOrders } from '../orders/verify-orders.ts'

/** Settles all orders that are pending when it starts. In steps; see the iteration beside it. */
export const processOrders = defineJob({
  name: 'process-orders',
  description: 'Settles all orders that are pending when it starts.',
  params: OrderRange,
  unit: 'order',
  async perform({ step, params, env, effects, run, enumerators, expectTotal }) {
    // Stored with the step, so orders placed later stay out of this run, however often it resumes.
    const { last, count } = await step('load_orders', () => pendingRange(env.DB, params))
    expectTotal(count)

    await step('process_orders', { start: params.from ?? 1 }, async (step) => {
      const orders = enumerators.records(env.DB, pendingOrders({ upTo: last ?? 0 }), {
        from: step.cursor,
      })
      for await (const [order] of orders) {
        settleOrder(effects, run.id, order)
        await step.advance({ from: order.id })
      }
    })

    return step('finalize', () => summarizeRun(env.DB, run.id))
  },
  verify: verifyOrders,
})
