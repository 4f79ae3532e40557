import { env } from 'cloudflare:workers'
import { type Effects } from '../../src/engine/job/effects.ts'
import { PendingEffects } from '../../src/engine/pass/pending-effects.ts'
import { records } from '../../src/engine/enumerators/records.ts'
import {
  type OrderRange,
  type PendingOrder,
  pendingOrders,
  settleOrder,
} from '../../src/shop/orders/orders.ts'

/** Commits a job's effects as the engine does, without the engine. */
export async function committing(work: (effects: Effects) => void): Promise<void> {
  const gathered = new PendingEffects()
  work({
    add: (statement, row) => gathered.add(statement, row),
    run: (sql, ...params) => gathered.run(sql, params),
  })
  await env.DB.batch(gathered.take().map(({ sql, params }) => env.DB.prepare(sql).bind(...params)))
}

export async function pendingIn(range: OrderRange = {}): Promise<PendingOrder[]> {
  const orders: PendingOrder[] = []
  const walk = records(env.DB, pendingOrders(range), { from: range.from ?? null })
  for await (const [order] of walk) orders.push(order)
  return orders
}

export async function settleAll(runId: string, orders: readonly PendingOrder[]): Promise<void> {
  await committing((effects) => {
    for (const order of orders) settleOrder(effects, runId, order)
  })
}
