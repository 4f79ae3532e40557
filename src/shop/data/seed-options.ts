import { z } from 'zod'

const MAX_ORDERS = 100_000

/** The options of a seed. The same ones always give the same shop, dates included. */
const Options = z.strictObject({
  /** By default 1,000, or 100 when `quick`. */
  orders: z.number().int().min(0).max(MAX_ORDERS).optional(),
  quick: z.boolean().default(false),
  customers: z.number().int().min(1).max(10_000).default(100),
  /** 60 % of the orders pending, the others done already. */
  mixed: z.boolean().default(false),
  seed: z.number().int().min(0).default(42),
  /** Gives every customer exactly this many, the first customer the first ones; no guests then. */
  ordersPerCustomer: z.number().int().min(0).max(1_000).optional(),
  storesPerRegion: z.number().int().min(0).max(100).default(15),
  productsPerStore: z.number().int().min(0).max(100).default(50),
})
export const SeedOptions = Options.refine(
  ({ orders, quick, ordersPerCustomer }) =>
    ordersPerCustomer === undefined || (orders === undefined && !quick),
  { path: ['ordersPerCustomer'], message: 'excludes orders and quick: it says how many there are' },
).refine(({ customers, ordersPerCustomer = 0 }) => customers * ordersPerCustomer <= MAX_ORDERS, {
  path: ['ordersPerCustomer'],
  message: `makes more than ${MAX_ORDERS} orders of that many customers`,
})
export type SeedOptions = z.input<typeof SeedOptions>

/** The same, with the defaults of what was left out. */
export type SeedSettings = z.output<typeof SeedOptions>
