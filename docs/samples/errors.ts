import {
  defineIteration,
  defineJob,
  discardOn,
  NonRetryableError,
  restartOn,
  RetryAfterError,
  retryOn,
  type Effects,
  type RecordQuery,
} from 'dogear'

interface Product {
  id: number
  price_cents: number
  status: string
}

export class BadPrice extends Error {}
export class ShopClosed extends Error {}
export class SupplierDown extends Error {}
export class CatalogChanged extends Error {}

const products: RecordQuery<Product> = { sql: 'SELECT id, price_cents, status FROM goods' }

function check(effects: Effects, { id, price_cents, status }: Product): void {
  if (status === 'closed') throw new ShopClosed('the shop has closed for good')
  if (status === 'down') throw new SupplierDown(`the supplier of product ${id} does not answer`)
  if (status === 'changed') throw new CatalogChanged('the catalog was exchanged meanwhile')
  if (price_cents < 0) throw new BadPrice(`product ${id} costs ${price_cents} cents`)
  effects.run(`UPDATE goods SET status = 'checked' WHERE id = ? AND status <> 'checked'`, id)
}

/** Where the answer says what is to happen to the run, the error says it. */
export function requireAnswer(response: Response): void {
  if (response.status === 410) throw new NonRetryableError('the supplier has closed for good')
  if (response.status === 429) throw new RetryAfterError('the supplier is busy', response)
}

/** In steps: what can be passed over is caught, all else is thrown on. */
export const checkPrices = defineJob({
  name: 'check-prices',
  unit: 'product',
  errors: [
    retryOn(SupplierDown, { wait: '5s', attempts: 3 }),
    discardOn(ShopClosed),
    restartOn(CatalogChanged, { attempts: 2 }),
  ],
  async perform({ step, env, effects, enumerators }) {
    await step('check', { start: 1 }, async (step) => {
      for await (const [product] of enumerators.records(env.DB, products, { from: step.cursor })) {
        try {
          check(effects, product)
        } catch (error) {
          if (!(error instanceof BadPrice)) throw error
          effects.run(`UPDATE goods SET status = 'bad' WHERE id = ?`, product.id)
        }
        await step.advance({ from: product.id })
      }
    })
  },
})

/** As an iteration: the engine passes over, records what was passed over, and knows when it is too much. */
export const checkPricesIteration = defineIteration({
  name: 'check-prices-iteration',
  unit: 'product',
  skip: { on: BadPrice, attempts: 2, maxSkips: 3 },
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records(env.DB, products, { cursor }),
  eachIteration: (product, { effects }) => check(effects, product),
})
