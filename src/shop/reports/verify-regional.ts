import { check, type Check, type VerifyContext } from 'dogear'
import { lastOf } from '../last-of.ts'
import { lineageRows } from '../lineage-rows.ts'

interface RegionalCounts {
  stores: number
  summarizedStores: number
  regions: number
  summarizedRegions: number
  wholes: number
  doubled: number
  cents: number
  summarizedCents: number
  differing: number
}

/**
 * Checks a regional report: a summary for each store, each region and the whole, none twice, and in each
 * what SQL itself adds up. Regions that came later are none of its
 * business; stores and products added while the run was under way make a difference here.
 */
export async function verifyRegional(context: VerifyContext<unknown>): Promise<Check[]> {
  const counts = await context.env.DB.prepare(COUNTS)
    .bind(JSON.stringify(context.lineage), lastOf(context, 'load_data') ?? 0)
    .first<RegionalCounts>()
  const found = (column: keyof RegionalCounts): number => counts?.[column] ?? 0
  return [
    check('A summary for each store', found('stores'), found('summarizedStores')),
    check('A summary for each region', found('regions'), found('summarizedRegions')),
    check('One summary of the whole', 1, found('wholes')),
    check('Nothing has two summaries', 0, found('doubled')),
    check('The revenue, in cents, is what SQL adds up', found('cents'), found('summarizedCents')),
    check('No summary differs from its products', 0, found('differing')),
  ]
}

/** An amount is rounded half away from zero to whole cents; SQLite's own division of integers cuts off. */
const COUNTS = `
  WITH sales AS (
    SELECT region, store, sold,
      sign(sold * unit_price_thousandths) * ((abs(sold * unit_price_thousandths) + 5) / 10) AS cents
    FROM products WHERE region <= ?2
  ),
  expected AS (
    SELECT stores.region, stores.number AS store, count(sales.region) AS products,
      coalesce(sum(sold), 0) AS sold, coalesce(sum(cents), 0) AS cents
    FROM stores LEFT JOIN sales ON sales.region = stores.region AND sales.store = stores.number
    WHERE stores.region <= ?2
    GROUP BY stores.region, stores.number
    UNION ALL
    SELECT number, NULL, count(sales.region), coalesce(sum(sold), 0), coalesce(sum(cents), 0)
    FROM regions LEFT JOIN sales ON sales.region = number
    WHERE number <= ?2 GROUP BY number
    UNION ALL
    SELECT NULL, NULL, count(*), coalesce(sum(sold), 0), coalesce(sum(cents), 0) FROM sales
  ),
  summaries AS (${lineageRows('regional_summaries', 'region', 'store')}),
  distinct_summaries AS (SELECT DISTINCT region, store FROM summaries)
  SELECT
    (SELECT count(*) FROM expected WHERE store IS NOT NULL) AS stores,
    (SELECT count(*) FROM distinct_summaries WHERE store IS NOT NULL) AS summarizedStores,
    (SELECT count(*) FROM regions WHERE number <= ?2) AS regions,
    (SELECT count(*) FROM distinct_summaries WHERE region IS NOT NULL AND store IS NULL) AS summarizedRegions,
    (SELECT count(*) FROM summaries WHERE region IS NULL) AS wholes,
    (SELECT count(*) FROM summaries) - (SELECT count(*) FROM distinct_summaries) AS doubled,
    (SELECT cents FROM expected WHERE region IS NULL) AS cents,
    (SELECT coalesce(sum(revenue_cents), 0) FROM summaries WHERE store IS NOT NULL) AS summarizedCents,
    (SELECT count(*) FROM summaries LEFT JOIN expected
        ON expected.region IS summaries.region AND expected.store IS summaries.store
      WHERE summaries.products IS NOT expected.products OR summaries.sold IS NOT expected.sold
        OR revenue_cents IS NOT cents) AS differing`
