import { z } from 'zod'
import { defineJob } from 'dogear'
import {
  lastProduct,
  lastStore,
  NO_SALES,
  plus,
  productsOf,
  regionsNow,
  regionsUpTo,
  Sales,
  salesOf,
  storesOf,
  writeSummary,
} from '../reports/regional.ts'
import { verifyRegional } from '../reports/verify-regional.ts'

const sum = Sales.default(NO_SALES)
/** Regions and stores come with their products, which is what counts. */
const uncounted = { start: 1, counts: false }

/**
 * Sums up what every store of every region has sold: steps within steps, three deep. Each level ends
 * where its `load_...` step found it to end, so what is added later stays out of this run.
 */
export const regionalReport = defineJob({
  name: 'regional-report',
  description: 'Reports on regions, their stores, and the products of each.',
  unit: 'region/store/product',
  // What the store and the region at the cursors, and all together, have come to.
  attributes: z.object({ store: sum, region: sum, whole: sum }),
  async perform({ step, env, attributes, effects, run, enumerators, expectTotal }) {
    const { DB } = env
    const { last, products: count } = await step('load_data', () => regionsNow(DB))
    expectTotal(count)

    await step('process_regions', uncounted, async (regions) => {
      const regionsLeft = enumerators.records(DB, regionsUpTo(last), { from: regions.cursor })
      for await (const [region] of regionsLeft) {
        const end = await regions.step('load_stores', () => lastStore(DB, region))

        await regions.step('process_stores', uncounted, async (stores) => {
          const storesLeft = enumerators.records(DB, storesOf(region, end), { from: stores.cursor })
          for await (const [store] of storesLeft) {
            const storeEnd = await stores.step('load_products', () => lastProduct(DB, store))

            await stores.step('process_products', { start: 1 }, async (products) => {
              const productsLeft = enumerators.records(DB, productsOf(store, storeEnd), {
                from: products.cursor,
              })
              for await (const [product] of productsLeft) {
                attributes.store = plus(attributes.store, salesOf(product))
                await products.advance({ from: product.number })
              }
            })

            const summarized = { region: region.number, store: store.number }
            writeSummary(effects, run.id, summarized, attributes.store)
            attributes.region = plus(attributes.region, attributes.store)
            attributes.store = NO_SALES
            await stores.advance({ from: store.number })
          }
        })

        writeSummary(effects, run.id, { region: region.number }, attributes.region)
        attributes.whole = plus(attributes.whole, attributes.region)
        attributes.region = NO_SALES
        await regions.advance({ from: region.number })
      }
    })

    return step('finalize_report', () => {
      writeSummary(effects, run.id, {}, attributes.whole)
      return attributes.whole
    })
  },
  verify: verifyRegional,
})
