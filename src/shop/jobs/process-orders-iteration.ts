import { defineIteration } from 'dogear'
import { OrderRange, pendingOrders, settleOrder, summarizeRun } from '../orders/orders.ts'
import { verifyOrders } from '../orders/verify-orders.ts'

/** Settles all pending orders. As an iteration; see the job in steps beside it. */
export const processOrdersIteration = defineIteration({
  name: 'process-orders-iteration',
  description: 'Settles all orders that are pending when it starts: as an iteration.',
  params: OrderRange,
  unit: 'order',
  buildEnumerator: ({ cursor, params, env, enumerators }) =>
    enumerators.records(env.DB, pendingOrders(params), { cursor, from: params.from ?? null }),
  eachIteration: (order, { effects, run }) => settleOrder(effects, run.id, order),
  onComplete: ({ env, run }) => summarizeRun(env.DB, run.id),
  verify: verifyOrders,
})
