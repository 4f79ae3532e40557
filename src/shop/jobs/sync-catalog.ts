import { defineIteration, retryOn } from 'dogear'
import { CatalogSource, catalogProducts, isPassing } from '../catalog/catalog-api.ts'
import { BrokenProductError, keepProduct, parseProduct, summarizeSync } from '../catalog/catalog.ts'
import { verifyCatalog } from '../catalog/verify-catalog.ts'

/**
 * Brings the catalog up to date with a paginated API. Each version of a product is written once, also
 * when the walk meets it again. When the API asks to be left alone (429), the run stands still.
 */
export const syncCatalog = defineIteration({
  name: 'sync-catalog',
  description: "Takes over a partner's catalogue, page by page of its API.",
  params: CatalogSource,
  unit: 'product',
  // Two minutes of an API that is down. What is wrong with the request itself fails the run at once.
  errors: [retryOn(isPassing, { wait: (attempt) => 1_000 * 2 ** (attempt - 1), attempts: 8 })],
  skip: { on: BrokenProductError, maxSkips: 100 },
  buildEnumerator: ({ cursor, params, enumerators }) =>
    catalogProducts(params, enumerators, cursor),
  eachIteration: (item, { effects, run }) => keepProduct(effects, run.id, parseProduct(item)),
  onComplete: ({ env, run }) => summarizeSync(env.DB, run.id),
  verify: verifyCatalog,
})
