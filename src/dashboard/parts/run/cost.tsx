import { dollarsOf, PRICED, priceOf } from '../../../engine/prices.ts'
import type { Run } from '../../state/api.ts'
import { count } from '../../words/words.ts'

const WORDS = {
  d1RowsRead: 'D1 rows read',
  d1RowsWritten: 'D1 rows written',
  queueOperations: 'Queue operations',
  durableObjectRequests: 'Durable Object requests',
} as const

/** The cost of a run, as if nothing were included in the plan. */
export function CostMeter({ run: { cost } }: { run: Run }) {
  const lines = PRICED.map((what) => ({
    what,
    units: cost[what],
    dollars: priceOf(what, cost[what]),
  }))
  const sum = dollarsOf(cost)
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
