import { z } from 'zod'
import { describeValue, type Effects, setStatement } from 'dogear'

const Product = z.object({
  sku: z.string().min(1).max(100),
  /** Grows with each change of the product; what a version says never changes. */
  version: z.int().positive(),
  name: z.string().max(1_000),
  priceCents: z.int().nonnegative(),
})
/** A product as the catalog's API describes it. */
export type Product = z.output<typeof Product>

/** What the API gave is no product. The message says which, and why. */
export class BrokenProductError extends Error {
  override readonly name = 'BrokenProductError'
}

/** Reads an item of the API. Throws `BrokenProductError`. */
export function parseProduct(item: unknown): Product {
  const parsed = Product.safeParse(item)
  if (parsed.success) return parsed.data
  const sku = (item as { sku?: unknown } | null)?.sku
  const which =
    typeof sku === 'string' && sku !== '' ? `Product ${describeValue(sku)}` : 'A product'
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new BrokenProductError(`${which} is not valid: ${issues.join('; ')}`)
}

/** Adds the effects that keep a product's newest version, with its row in the run's log. */
export function keepProduct(effects: Effects, run: string, product: Product): void {
  effects.add(keep, { run, ...product })
}

// First the log, then the products. The log holds a version against those of earlier rows of the same
// commit too, so it says the same however many products a commit has.
const keep = setStatement<Product & { run: string }>([
  `WITH met AS (
    SELECT key AS place, value ->> 'run' AS run, value ->> 'sku' AS sku, value ->> 'version' AS version,
      max(value ->> 'version') OVER (
        PARTITION BY value ->> 'sku' ORDER BY key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) AS earlier
    FROM json_each(?1)
  ), compared AS (
    SELECT met.*, coalesce(max(known.version, earlier), known.version, earlier) AS before
    FROM met LEFT JOIN catalog_products AS known ON known.sku = met.sku
  )
  INSERT INTO catalog_log (run_id, sku, version, outcome, logged_at)
  SELECT run, sku, version,
    CASE WHEN before IS NULL THEN 'created' WHEN version > before THEN 'updated' ELSE 'unchanged' END,
    strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  FROM compared ORDER BY place`,
  `INSERT INTO catalog_products (sku, version, name, price_cents, run_id)
  SELECT value ->> 'sku', value ->> 'version', value ->> 'name', value ->> 'priceCents', value ->> 'run'
  FROM json_each(?1) WHERE true ORDER BY key
  ON CONFLICT (sku) DO UPDATE SET version = excluded.version, name = excluded.name,
    price_cents = excluded.price_cents, run_id = excluded.run_id
  WHERE excluded.version > catalog_products.version`,
])

/** The sums of a run over the products it met. (A type and not an interface: only so can a step return it.) */
export type SyncSummary = { products: number; created: number; updated: number; unchanged: number }

/** A run's summary, from what it logged. */
export async function summarizeSync(db: D1Database, run: string): Promise<SyncSummary> {
  const summary = await db
    .prepare(
      `SELECT count(*) AS products,
        count(*) FILTER (WHERE outcome = 'created') AS created,
        count(*) FILTER (WHERE outcome = 'updated') AS updated,
        count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged
      FROM catalog_log WHERE run_id = ?`,
    )
    .bind(run)
    .first<SyncSummary>()
  return { products: 0, created: 0, updated: 0, unchanged: 0, ...summary }
}
