import {
  Answer,
  confirmed,
  count,
  Empty,
  Facts,
  ProblemNotice,
  useAction,
  useMay,
  useQuery,
} from 'dogear/page'
import { client, type Snapshot } from './client.ts'
import { Mailbox } from './parts/mailbox.tsx'
import { resetShop } from './parts/reset-shop.ts'
import { SeedForm } from './parts/seed-form.tsx'
import { UploadForm } from './parts/upload-form.tsx'

const EVERY_MS = 2_000

/** The shop that the sample jobs work on. */
export function ShopView() {
  const may = useMay()
  const snapshot = useQuery('snapshot', () => client.snapshot(), EVERY_MS)
  return (
    <>
      <h1>Shop</h1>
      <section class="sheet" aria-labelledby="orders">
        <div class="head">
          <h2 id="orders">Orders</h2>
          {may('admin') ? <ResetButtons onDone={snapshot.again} /> : null}
        </div>
        <Answer of={snapshot}>{(shop) => <Figures shop={shop} />}</Answer>
      </section>
      <div class="halves">
        {may('admin') ? <SeedForm onDone={snapshot.again} /> : null}
        {may('operator') ? <UploadForm /> : null}
      </div>
      <Mailbox />
    </>
  )
}

function ResetButtons({ onDone }: { onDone: () => void }) {
  const { act, busy, problem } = useAction(onDone)
  const clean = async () => {
    const sure = await confirmed({
      title: 'Remove all data of the shop?',
      text: 'Customers, orders, reports, mails and uploaded files are removed. Runs stay.',
      action: 'Clean the shop',
      danger: true,
    })
    if (sure) act(() => client.clean())
  }
  return (
    <>
      <button type="button" class="small" disabled={busy} onClick={() => act(resetShop)}>
        Reset
      </button>
      <button type="button" class="small danger" disabled={busy} onClick={() => void clean()}>
        Clean
      </button>
      <ProblemNotice problem={problem} />
    </>
  )
}

function Figures({ shop }: { shop: Snapshot }) {
  const { orders } = shop
  if (orders.total === 0) {
    return <Empty>The shop is empty. Seed it, or upload a file of orders.</Empty>
  }
  const parts = [
    ['processed', 'completed', orders.processed],
    ['failed', 'failed', orders.failed],
    ['pending', 'pending', orders.pending],
  ] as const
  const facts: [string, string][] = [
    ['Orders', count(orders.total)],
    ['Customers', count(shop.customers)],
    ['Lines', count(shop.lines)],
    ['Of guests', count(orders.guest)],
    ['Processed total', (shop.processedTotalCents / 100).toLocaleString('en', MONEY)],
    ['Log rows', count(shop.logRows)],
    ['Duplicates', count(shop.duplicates)],
  ]
  return (
    <>
      <div class="shares" aria-hidden="true">
        {parts
          .filter(([, , orderCount]) => orderCount > 0)
          .map(([name, tone, orderCount]) => (
            <span
              key={name}
              class={`tone-${tone}`}
              style={{ width: `${(orderCount / orders.total) * 100}%` }}
            />
          ))}
      </div>
      <ul class="row small">
        {parts.map(([name, tone, orderCount]) => (
          <li key={name} class={`row tone-${tone}`}>
            <span class="dot" /> <span class="figure">{count(orderCount)}</span> {name}
          </li>
        ))}
      </ul>
      <Facts of={facts} />
    </>
  )
}

const MONEY = { minimumFractionDigits: 2, maximumFractionDigits: 2 }
