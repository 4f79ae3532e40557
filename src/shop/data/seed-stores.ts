/** The number of stores in each region, and of products in each store. */
export interface StoreCounts {
  seed: number
  storesPerRegion: number
  productsPerStore: number
}

/** Rows of one statement: some hundred kilobytes of JSON, far below D1's 2 MB. */
const CHUNK_ROWS = 5_000

/** Statements that give the shop's first `regions` regions their stores, with what these have sold. */
export async function storeStatements(
  db: D1Database,
  regions: number,
  { seed, storesPerRegion, productsPerStore }: StoreCounts,
): Promise<D1PreparedStatement[]> {
  // Chance of their own: more stores leave customers and orders as they are.
  const { seededFaker } = await import('./seeded-faker.ts')
  const faker = seededFaker(seed)
  const stores = upTo(regions).flatMap((region) =>
    upTo(storesPerRegion).map((number) => ({ region, number, name: faker.location.city() })),
  )
  const products = stores.flatMap(({ region, number: store }) =>
    upTo(productsPerStore).map((number) => ({
      region,
      store,
      number,
      name: faker.commerce.product(),
      sold: faker.number.int(200),
      price: faker.number.int({ min: 50, max: 99_999 }),
    })),
  )
  return [
    ...chunks(stores).map((rows) => db.prepare(INSERT_STORES).bind(JSON.stringify(rows))),
    ...chunks(products).map((rows) => db.prepare(INSERT_PRODUCTS).bind(JSON.stringify(rows))),
  ]
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

function chunks<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / CHUNK_ROWS) }, (_, index) =>
    rows.slice(index * CHUNK_ROWS, (index + 1) * CHUNK_ROWS),
  )
}

const INSERT_STORES = `
  INSERT INTO stores (region, number, name)
  SELECT value ->> 'region', value ->> 'number', value ->> 'name' FROM json_each(?)`

const INSERT_PRODUCTS = `
  INSERT INTO products (region, store, number, name, sold, unit_price_thousandths)
  SELECT value ->> 'region', value ->> 'store', value ->> 'number', value ->> 'name', value ->> 'sold', value ->> 'price'
  FROM json_each(?)`
