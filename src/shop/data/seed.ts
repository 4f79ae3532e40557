import type { Faker } from '@faker-js/faker'
import { OrderProcessor, type PricedLine } from '../orders/order-processor.ts'
import { emptyShop } from './reset.ts'
import { SeedOptions, type SeedSettings } from './seed-options.ts'
import { storeStatements } from './seed-stores.ts'

const REGIONS = [
  'North',
  'South',
  'East',
  'West',
  'Central',
  'Coast',
  'Islands',
  'Highlands',
] as const
const FIRST_ORDER_AT = Date.UTC(2026, 0, 1)
const ORDER_EVERY_MS = 5 * 60_000
/** Rows of one statement: some hundred kilobytes of JSON, far below D1's 2 MB. */
const CHUNK_ROWS = 1_000

/** Replaces whatever the shop held: afterwards its orders have the ids from 1 to N. */
export async function seedShop(db: D1Database, options: SeedOptions = {}): Promise<void> {
  const settings = SeedOptions.parse(options)
  const { customers, seed, storesPerRegion, productsPerStore } = settings
  const { seededFaker } = await import('./seeded-faker.ts')
  const faker = seededFaker(seed)

  let batch = [
    ...emptyShop(db),
    insert(db, INSERT_REGIONS, REGIONS),
    ...(await storeStatements(db, REGIONS.length, { seed, storesPerRegion, productsPerStore })),
  ]
  for (const ids of chunksUpTo(customers)) {
    const rows = ids.map((id) => customer(faker, id))
    batch.push(insert(db, INSERT_CUSTOMERS, rows))
  }
  for (const ids of chunksUpTo(orderCount(settings))) {
    const orders = ids.map((id) => order(faker, id, settings))
    const rows = orders.map(({ row }) => row)
    const lines = orders.flatMap((one) => one.lines)
    batch.push(insert(db, INSERT_ORDERS, rows), insert(db, INSERT_LINES, lines))
    await db.batch(batch)
    batch = []
  }
  if (batch.length > 0) await db.batch(batch)
}

function orderCount({ orders, quick, customers, ordersPerCustomer }: SeedSettings): number {
  if (orders !== undefined) return orders
  if (ordersPerCustomer !== undefined) return customers * ordersPerCustomer
  return quick ? 100 : 1_000
}

function customer(faker: Faker, id: number) {
  const [firstName, lastName] = [faker.person.firstName(), faker.person.lastName()]
  return {
    id,
    name: `${firstName} ${lastName}`,
    email: `${faker.internet.username({ firstName, lastName })}.${id}@example.com`.toLowerCase(),
    region: regionOf(id),
  }
}

type Mix = Pick<SeedSettings, 'customers' | 'mixed' | 'ordersPerCustomer'>

type Fate = 'pending' | 'processed' | 'cancelled' | 'non_positive_total'

function order(faker: Faker, id: number, { customers, mixed, ordersPerCustomer }: Mix) {
  const fate = mixed ? mixedFate(faker) : 'pending'
  const customerId =
    ordersPerCustomer === undefined
      ? anyCustomer(faker, { customers, mixed })
      : Math.ceil(id / ordersPerCustomer)
  const number = `${fate === 'cancelled' ? 'C' : ''}S${String(id).padStart(6, '0')}`
  const sign = fate === 'non_positive_total' ? -1 : 1
  const lines = Array.from({ length: faker.number.int({ min: 1, max: 5 }) }, (_, index) => ({
    order: id,
    line: index + 1,
    stockCode: faker.string.alphanumeric({ length: 6, casing: 'upper' }),
    description: faker.commerce.productName(),
    quantity: sign * faker.number.int({ min: 1, max: 10 }),
    unitPriceThousandths: faker.number.int({ min: 50, max: 9_999 }) * 10,
  }))
  const placedAt = new Date(FIRST_ORDER_AT + id * ORDER_EVERY_MS).toISOString()
  return {
    row: {
      id,
      number,
      customer: customerId,
      region: regionOf(customerId ?? id),
      placedAt,
      ...(fate === 'pending' ? { status: fate } : settled(number, lines, placedAt)),
    },
    lines,
  }
}

/** Of a mix one order in twenty is a guest's. */
function anyCustomer(faker: Faker, { customers, mixed }: Pick<Mix, 'customers' | 'mixed'>) {
  return mixed && faker.number.int(19) === 0 ? null : faker.number.int({ min: 1, max: customers })
}

/** Of ten orders six are pending, two are processed, and one failed for each reason. */
function mixedFate(faker: Faker): Fate {
  return faker.helpers.arrayElement<Fate>([
    ...Array.from({ length: 6 }, () => 'pending' as const),
    'processed',
    'processed',
    'cancelled',
    'non_positive_total',
  ])
}

/** Done orders were done by the same rules as everything else, so a reset and a run bring them back. */
function settled(number: string, lines: readonly PricedLine[], at: string) {
  const settlement = OrderProcessor.settle(number, lines)
  return settlement.status === 'processed'
    ? { status: settlement.status, total: settlement.totalCents, processedAt: at }
    : { status: settlement.status, reason: settlement.reason }
}

function regionOf(id: number): string {
  return REGIONS[id % REGIONS.length] as string
}

function* chunksUpTo(count: number): Generator<number[]> {
  for (let first = 1; first <= count; first += CHUNK_ROWS) {
    yield Array.from(
      { length: Math.min(CHUNK_ROWS, count - first + 1) },
      (_, index) => first + index,
    )
  }
}

function insert(db: D1Database, sql: string, rows: readonly unknown[]): D1PreparedStatement {
  return db.prepare(sql).bind(JSON.stringify(rows))
}

const INSERT_REGIONS = 'INSERT INTO regions (name) SELECT value FROM json_each(?)'

const INSERT_CUSTOMERS = `
  INSERT INTO customers (id, name, email, region)
  SELECT value ->> 'id', value ->> 'name', value ->> 'email', value ->> 'region' FROM json_each(?)`

const INSERT_ORDERS = `
  INSERT INTO orders (id, number, customer_id, region, placed_at, status, failure_reason, total_cents, processed_at)
  SELECT value ->> 'id', value ->> 'number', value ->> 'customer', value ->> 'region', value ->> 'placedAt',
    value ->> 'status', value ->> 'reason', value ->> 'total', value ->> 'processedAt'
  FROM json_each(?)`

const INSERT_LINES = `
  INSERT INTO order_lines (order_id, source, line, stock_code, description, quantity, unit_price_thousandths)
  SELECT value ->> 'order', 'seed', value ->> 'line', value ->> 'stockCode', value ->> 'description',
    value ->> 'quantity', value ->> 'unitPriceThousandths'
  FROM json_each(?)`
