import type { Run } from '../api.ts'
import { count } from '../words.ts'

/**
 * Cloudflare's prices on the paid plan in dollars per million, beyond what is included (November 2026);
 * see docs/guide/limits-and-costs.md.
 */
const PRICES = {
  d1RowsRead: 0.001,
  d1RowsWritten: 1,
  queueOperations: 0.4,
  durableObjectRequests: 0.15,
} as const

const WORDS = {
  d1RowsRead: 'D1 rows read',
  d1RowsWritten: 'D1 rows written',
  queueOperations: 'Queue operations',
  durableObjectRequests: 'Durable Object requests',
} as const

/** What a run has cost, as if nothing were included in the plan. */
export function CostMeter({ run: { cost } }: { run: Run }) {
  const lines = (Object.keys(PRICES) as (keyof typeof PRICES)[]).map((what) => ({
    what,
    units: cost[what],
    dollars: (cost[what] * PRICES[what]) / 1_000_000,
  }))
  const sum = lines.reduce((total, { dollars }) => total + dollars, 0)
  return (
    <table class="cost">
      <tbody>
        {lines.map(({ what, units, dollars }) => (
          <tr key={what}>
            <th scope="row">{WORDS[what]}</th>
            <td>{count(units)}</td>
            <td>${dollars.toFixed(6)}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">D1 statements</th>
          <td>{count(cost.d1Statements)}</td>
          <td />
        </tr>
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Without what the plan includes</th>
          <td />
          <td>${sum.toFixed(6)}</td>
        </tr>
      </tfoot>
    </table>
  )
}
