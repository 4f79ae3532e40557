import { useState } from 'hono/jsx/dom'
import { api, type Problem, type Snapshot } from '../api.ts'
import { Answer, ProblemNotice } from '../parts/notice.tsx'
import { useQuery } from '../query.ts'
import { count } from '../words.ts'

/** The shop that the sample jobs work on. */
export function ShopView() {
  const snapshot = useQuery('snapshot', api.snapshot, 3_000)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const act = async (what: 'seed' | 'reset' | 'clean', body: object = {}) => {
    if (!confirm(`${what}: this changes or removes the shop's data. Go on?`)) return
    setBusy(true)
    try {
      await api.shop(what, body)
      setProblem(undefined)
    } catch (error) {
      setProblem(error as Problem)
    }
    setBusy(false)
    snapshot.again()
  }
  return (
    <>
      <h1>Shop</h1>
      <div class="steering">
        <button type="button" disabled={busy} onClick={() => void act('seed')}>
          Seed 1,000 orders
        </button>
        <button type="button" disabled={busy} onClick={() => void act('seed', { mixed: true })}>
          Seed a mix
        </button>
        <button type="button" disabled={busy} onClick={() => void act('reset')}>
          Reset
        </button>
        <button type="button" class="danger" disabled={busy} onClick={() => void act('clean')}>
          Clean
        </button>
        <span role="status">{busy ? 'Working…' : ''}</span>
      </div>
      <ProblemNotice problem={problem} />
      <Answer of={snapshot}>{(shop) => <Figures shop={shop} />}</Answer>
    </>
  )
}

function Figures({ shop }: { shop: Snapshot }) {
  const { orders } = shop
  const facts: [string, string][] = [
    ['Customers', count(shop.customers)],
    ['Orders', count(orders.total)],
    ['Pending', count(orders.pending)],
    ['Processed', count(orders.processed)],
    ['Failed', count(orders.failed)],
    ['Of guests', count(orders.guest)],
    ['Processed total', (shop.processedTotalCents / 100).toFixed(2)],
    ['Log rows', count(shop.logRows)],
    ['Duplicates', count(shop.duplicates)],
  ]
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="figures">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
