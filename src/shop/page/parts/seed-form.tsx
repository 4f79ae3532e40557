import { confirmed, ProblemNotice, useAction } from 'dogear/page'
import { client } from '../client.ts'

/** Fills the shop again with made-up customers and orders. */
export function SeedForm({ onDone }: { onDone: () => void }) {
  const { act, busy, problem } = useAction(onDone)
  const seed = async (event: Event) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const sure = await confirmed({
      title: 'Replace what the shop holds?',
      text: 'All customers, orders, reports and mails of now are lost.',
      action: 'Seed the shop',
      danger: true,
    })
    if (!sure) return
    act(() =>
      client.seed({
        orders: Number(form.get('orders')),
        customers: Number(form.get('customers')),
        mixed: form.get('mixed') === 'on',
      }),
    )
  }
  return (
    <section class="sheet" aria-labelledby="seed">
      <h2 id="seed">Seed</h2>
      <form class="form" onSubmit={(event: Event) => void seed(event)}>
        <div class="fields">
          <label class="field">
            <span>Orders</span>
            <input type="number" name="orders" value="1000" min="0" max="100000" required />
          </label>
          <label class="field">
            <span>Customers</span>
            <input type="number" name="customers" value="100" min="1" max="10000" required />
          </label>
        </div>
        <label class="tick">
          <input type="checkbox" name="mixed" /> a mix: some done, some cancelled, some of guests
        </label>
        <ProblemNotice problem={problem} />
        <div>
          <button type="submit" disabled={busy}>
            {busy ? 'Seeding…' : 'Seed'}
          </button>
        </div>
      </form>
    </section>
  )
}
