import { useRef } from 'hono/jsx/dom'
import { type Action, count, useMay } from 'dogear/page'
import { client, type Snapshot } from '../client.ts'
import { PACES, type Pair } from '../pairs.ts'
import { resetShop } from './reset-shop.ts'

/** Enough that there is something to watch, with a commit for each. */
const SEED = { orders: 4_000, customers: 1_000 }

/** Starts both, once the shop has something for them to do; else offers to see to that. */
export function CompareSetup({
  pair,
  shop,
  action,
  onStart,
}: {
  pair: Pair
  shop: Snapshot
  action: Action
  onStart: (pace: string) => void
}) {
  if (shop.orders.total === 0) return <SeedFirst action={action} />
  const isDone = pair.id === 'orders' && shop.orders.pending === 0
  return (
    <div class="sheet setup">
      <StartBoth isDone={isDone} action={action} onStart={onStart} />
      <p class="small quiet">
        {isDone
          ? 'Every order is done already; a reset makes them pending again.'
          : `${pair.share} ${pendingWords(shop)}`}{' '}
        Then interrupt one, kill the slice of the other, and see where each goes on.
      </p>
    </div>
  )
}

function pendingWords({ orders: { total, pending }, customers }: Snapshot): string {
  return `${count(pending)} of ${count(total)} orders are pending, of ${count(customers)} customers.`
}

function SeedFirst({ action: { act, busy } }: { action: Action }) {
  const may = useMay()
  return (
    <div class="notice tone-running">
      <span>The shop is empty: there is nothing to work on yet.</span>
      {may('admin') ? (
        <button
          type="button"
          class="primary"
          disabled={busy}
          onClick={() => act(() => client.seed(SEED))}
        >
          {busy ? 'Seeding…' : `Seed ${count(SEED.orders)} orders`}
        </button>
      ) : (
        <span>An admin may seed it.</span>
      )}
    </div>
  )
}

function StartBoth({
  isDone,
  action: { act, busy },
  onStart,
}: {
  isDone: boolean
  action: Action
  onStart: (pace: string) => void
}) {
  const may = useMay()
  const pace = useRef<HTMLSelectElement>(null)
  return (
    <div class="row">
      <label class="field">
        <span>Commit</span>
        <select ref={pace}>
          {PACES.map(({ id, words }) => (
            <option key={id} value={id}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="primary"
        disabled={busy || isDone}
        onClick={() => onStart(pace.current?.value ?? '')}
      >
        Start both
      </button>
      {isDone && may('admin') ? (
        <button type="button" disabled={busy} onClick={() => act(resetShop)}>
          Reset the shop
        </button>
      ) : null}
    </div>
  )
}
