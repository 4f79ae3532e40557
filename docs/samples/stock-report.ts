import { defineIteration, defineJob, type RecordQuery } from 'dogear'
import { z } from 'zod'

interface Product {
  id: number
  store_id: number
  price_cents: number
}

const regions: RecordQuery<{ region: string }> = {
  sql: 'SELECT DISTINCT region FROM shops',
  by: ['region'],
}
const storesOf = (region: string): RecordQuery<{ id: number }> => ({
  sql: 'SELECT id FROM shops WHERE region = ?',
  params: [region],
})
const productsOf = (store: number): RecordQuery<Product> => ({
  sql: 'SELECT id, store_id, price_cents FROM goods WHERE store_id = ?',
  params: [store],
})

const count = 'UPDATE shops SET total_cents = total_cents + ? WHERE id = ?'

async function column<T>(query: D1PreparedStatement): Promise<T[]> {
  return (await query.raw<[T]>()).map(([value]) => value)
}

/** In steps: three levels, each with a cursor of its own. The total so far is kept with the checkpoint. */
export const stockReport = defineJob({
  name: 'stock-report',
  unit: 'region',
  attributes: z.object({ totalCents: z.number().default(0) }),
  async perform({ step, env, effects, enumerators, attributes }) {
    const names = await step('load_regions', () =>
      column<string>(env.DB.prepare('SELECT DISTINCT region FROM shops ORDER BY region')),
    )
    await step('regions', { start: 0 }, async (region) => {
      for (let name = names[region.cursor]; name; name = names[region.cursor]) {
        const query = env.DB.prepare('SELECT id FROM shops WHERE region = ? ORDER BY id').bind(name)
        const ids = await region.step('load_stores', () => column<number>(query))
        await region.step('stores', { start: 0 }, async (store) => {
          for (let id = ids[store.cursor]; id; id = ids[store.cursor]) {
            const products = productsOf(id)
            await store.step('products', { start: 1 }, async (product) => {
              const walk = enumerators.records(env.DB, products, { from: product.cursor })
              for await (const [row] of walk) {
                effects.run(count, row.price_cents, row.store_id)
                attributes.totalCents += row.price_cents
                await product.advance({ from: row.id })
              }
            })
            await store.advance()
          }
        })
        await region.advance()
      }
    })
    return { totalCents: attributes.totalCents }
  },
})

/** The same walk as an iteration: one cursor with an entry for each level. */
export const stockReportIteration = defineIteration({
  name: 'stock-report-iteration',
  unit: 'product',
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.nested(
      [
        (at) => enumerators.records(env.DB, regions, at),
        (at, { region }) => enumerators.records(env.DB, storesOf(region), at),
        (at, _region, { id }) => enumerators.records(env.DB, productsOf(id), at),
      ],
      { cursor },
    ),
  eachIteration: (product, { effects }) =>
    effects.run(count, product.price_cents, product.store_id),
})
