import { defineIteration, defineJob, setStatement, type RecordQuery } from 'dogear'

const products: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM goods' }

/** Done twice it would show: nothing about it is idempotent. */
const raise = setStatement<{ id: number }>(
  `UPDATE goods SET price_cents = price_cents * 11 / 10
   WHERE id IN (SELECT value ->> 'id' FROM json_each(?1))`,
)

export const raisePrices = defineJob({
  name: 'raise-prices',
  unit: 'product',
  async perform({ step, env, effects, enumerators }) {
    await step('raise', { start: 1 }, async (step) => {
      for await (const [product] of enumerators.records(env.DB, products, { from: step.cursor })) {
        effects.add(raise, { id: product.id })
        await step.advance({ from: product.id })
      }
    })
  },
})

export const raisePricesIteration = defineIteration({
  name: 'raise-prices-iteration',
  unit: 'product',
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records(env.DB, products, { cursor }),
  eachIteration: (product, { effects }) => effects.add(raise, { id: product.id }),
})

/** Both in one: the steps of the first, the walk of the second. */
export const raisePricesWalking = defineJob({
  name: 'raise-prices-walking',
  unit: 'product',
  async perform({ step, env, effects, enumerators }) {
    await step('raise', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.records(env.DB, products, { cursor }),
        (product) => effects.add(raise, { id: product.id }),
      ),
    )
  },
})
