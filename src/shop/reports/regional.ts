import { z } from 'zod'
import { type Effects, type RecordQuery, setStatement } from 'dogear'
import { OrderProcessor } from '../orders/order-processor.ts'

/** The sales of products. */
export const Sales = z.strictObject({
  products: z.number().int(),
  sold: z.number().int(),
  revenueCents: z.number().int(),
})
export type Sales = z.infer<typeof Sales>

export const NO_SALES: Sales = { products: 0, sold: 0, revenueCents: 0 }

export interface Region {
  readonly number: number
}

export interface Store {
  readonly region: number
  readonly number: number
}

/** A product as its store sells it. */
export interface Product {
  readonly number: number
  readonly sold: number
  readonly unitPriceThousandths: number
}

/** The highest number of a region, and how many products all of them have. */
export async function regionsNow(db: D1Database): Promise<{ last: number; products: number }> {
  const regions = await db
    .prepare(
      `SELECT coalesce(max(number), 0) AS last, (SELECT count(*) FROM products) AS products
      FROM regions`,
    )
    .first<{ last: number; products: number }>()
  return regions ?? { last: 0, products: 0 }
}

/** The highest number of a region's stores; 0 without any. */
export async function lastStore(db: D1Database, { number }: Region): Promise<number> {
  const statement = db.prepare('SELECT max(number) AS last FROM stores WHERE region = ?')
  return (await statement.bind(number).first<number>('last')) ?? 0
}

/** The highest number of a store's products; 0 without any. */
export async function lastProduct(db: D1Database, { region, number }: Store): Promise<number> {
  const statement = db.prepare(
    'SELECT max(number) AS last FROM products WHERE region = ? AND store = ?',
  )
  return (await statement.bind(region, number).first<number>('last')) ?? 0
}

/** Regions by number. */
export function regionsUpTo(last: number): RecordQuery<Region> {
  return { sql: 'SELECT number FROM regions WHERE number <= ?', params: [last], by: 'number' }
}

/** A region's stores by number. */
export function storesOf({ number }: Region, last: number): RecordQuery<Store> {
  return {
    sql: 'SELECT region, number FROM stores WHERE region = ? AND number <= ?',
    params: [number, last],
    by: 'number',
  }
}

/** A store's products by number. */
export function productsOf({ region, number }: Store, last: number): RecordQuery<Product> {
  return {
    sql: `
      SELECT number, sold, unit_price_thousandths AS unitPriceThousandths
      FROM products WHERE region = ? AND store = ? AND number <= ?`,
    params: [region, number, last],
    by: 'number',
  }
}

/** The sales of one product, to the cent. */
export function salesOf({ sold, unitPriceThousandths }: Product): Sales {
  return {
    products: 1,
    sold,
    revenueCents: OrderProcessor.amountCents({ quantity: sold, unitPriceThousandths }),
  }
}

export function plus(some: Sales, more: Sales): Sales {
  return {
    products: some.products + more.products,
    sold: some.sold + more.sold,
    revenueCents: some.revenueCents + more.revenueCents,
  }
}

/** The part of the shop that is summed up: a store, a region (without `store`), or all (without either). */
export type Summarized = { readonly region?: number; readonly store?: number }

/** Adds the effect that writes a summary. */
export function writeSummary(
  effects: Effects,
  runId: string,
  { region, store }: Summarized,
  sales: Sales,
): void {
  effects.add(insertSummary, { run: runId, region: region ?? null, store: store ?? null, ...sales })
}

interface SummaryRow extends Sales {
  run: string
  region: number | null
  store: number | null
}

const insertSummary = setStatement<SummaryRow>(`
  INSERT INTO regional_summaries (run_id, region, store, products, sold, revenue_cents, summarized_at)
  SELECT value ->> 'run', value ->> 'region', value ->> 'store', value ->> 'products', value ->> 'sold',
    value ->> 'revenueCents', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  FROM json_each(?1)`)
