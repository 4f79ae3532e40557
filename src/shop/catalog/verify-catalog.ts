import { check, type Check, type VerifyContext } from 'dogear'
import { lineageRows, OWN } from '../lineage-rows.ts'

interface CatalogCounts {
  logged: number
  doubled: number
  outdated: number
  unlogged: number
}

/** Checks a run over the catalog: each product handled once, and no version of one written twice. */
export async function verifyCatalog({
  env: { DB },
  run: { progress },
  lineage,
}: VerifyContext<unknown>): Promise<Check[]> {
  const counts = await DB.prepare(
    `WITH met AS (${lineageRows('catalog_log', 'sku')})
      SELECT
        (SELECT count(*) FROM met) AS logged,
        (SELECT count(*) FROM (
          SELECT 1 FROM catalog_log WHERE outcome <> 'unchanged'
            AND sku IN (SELECT sku FROM met)
          GROUP BY sku, version HAVING count(*) > 1
        )) AS doubled,
        (SELECT count(*) FROM met WHERE NOT EXISTS (
          SELECT 1 FROM catalog_products WHERE sku = met.sku AND version >= met.version
        )) AS outdated,
        (SELECT count(*) FROM catalog_products AS kept WHERE run_id = ${OWN} AND NOT EXISTS (
          SELECT 1 FROM catalog_log
          WHERE run_id = ${OWN} AND sku = kept.sku AND version = kept.version AND outcome <> 'unchanged'
        )) AS unlogged`,
  )
    .bind(JSON.stringify(lineage))
    .first<CatalogCounts>()
  const { logged, doubled, outdated, unlogged } = counts ?? {
    logged: -1,
    doubled: -1,
    outdated: -1,
    unlogged: -1,
  }
  return [
    check('Each product handled exactly once', progress.done, logged),
    check('No version of a product written twice', 0, doubled),
    check('Every product met is kept, at that version or a later one', 0, outdated),
    check('Every product the run has kept is in its log', 0, unlogged),
  ]
}
