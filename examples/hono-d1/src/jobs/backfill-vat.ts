import { check, defineJob, setStatement } from 'dogear'

/** In percent. */
const RATES: Record<string, number> = { DE: 19, AT: 20, FR: 20 }

const vat = setStatement<{ id: number; rate: number }>(
  `UPDATE invoices SET vat_cents = net_cents * (row.value ->> 'rate') / 100, vat_writes = vat_writes + 1
   FROM json_each(?1) AS row WHERE invoices.id = row.value ->> 'id'`,
)

/** Fills in the VAT of all invoices there are when it starts. */
export const backfillVat = defineJob({
  name: 'backfill-vat',
  unit: 'invoice',
  async perform({ step, env, effects, enumerators, expectTotal }) {
    const last = await step(
      'fix-range',
      async () =>
        (await env.BILLING_DB.prepare('SELECT max(id) AS last FROM invoices').first<number>(
          'last',
        )) ?? 0,
    )
    expectTotal(last)
    await step('fill', (step) =>
      step.iterate(
        ({ cursor }) =>
          enumerators.records<{ id: number; country: string }>(
            env.BILLING_DB,
            {
              sql: `SELECT invoices.id, country FROM invoices JOIN customers ON customers.id = customer_id
                    WHERE invoices.id <= ?`,
              params: [last],
            },
            { cursor },
          ),
        ({ id, country }) => effects.add(vat, { id, rate: RATES[country] ?? 0 }),
      ),
    )
    return step('sum', async () => ({
      vatCents: await env.BILLING_DB.prepare(
        'SELECT sum(vat_cents) AS sum FROM invoices',
      ).first<number>('sum'),
    }))
  },
  async verify({ env }) {
    const written = await env.BILLING_DB.prepare(
      'SELECT count(*) AS invoices FROM invoices WHERE vat_writes > 1',
    ).first<number>('invoices')
    return [check('No VAT was written twice', 0, written)]
  },
})
