import type { Cost } from './run.ts'

/**
 * Cloudflare's prices on the paid plan in dollars per million, beyond what is included (November 2026);
 * see docs/guide/limits-and-costs.md. D1 statements cost nothing by themselves.
 */
export const PRICES = {
  d1RowsRead: 0.001,
  d1RowsWritten: 1,
  queueOperations: 0.4,
  durableObjectRequests: 0.15,
} as const satisfies Partial<Record<keyof Cost, number>>

/** Units that are paid for by their number. */
export type Priced = keyof typeof PRICES

export const PRICED = Object.keys(PRICES) as Priced[]

/** The price of so many units, as if the plan included none. */
export function priceOf(what: Priced, units: number): number {
  return (units * PRICES[what]) / 1_000_000
}

/** The price of a run, as if the plan included nothing. */
export function dollarsOf(cost: Pick<Cost, Priced>): number {
  return PRICED.reduce((sum, what) => sum + priceOf(what, cost[what]), 0)
}
