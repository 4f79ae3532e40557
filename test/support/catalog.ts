import type { CatalogSource } from '../../src/shop/catalog/catalog-api.ts'
import type { Product } from '../../src/shop/catalog/catalog.ts'

/** What a server answers instead of a page. */
export interface CatalogFault {
  status: number
  headers?: Record<string, string>
}

/** A catalog, and what goes wrong when its pages are asked for. */
export interface Catalog {
  products: unknown[]
  /** By page, from 0: the answers before the right one. */
  faults?: Record<number, CatalogFault[]>
  /** How long each page takes. */
  delayMs?: number
}

/** A catalog on a server made by `startCatalogServer`. */
export interface ServedCatalog {
  url: (paging: CatalogSource['paging']) => string
  /** Puts another in its place. */
  change: (catalog: Catalog) => Promise<void>
  /** The pages asked for so far, from 0, with the status of each answer. */
  requests: () => Promise<[page: number, status: number][]>
}

export async function serveCatalog(server: string, catalog: Catalog): Promise<ServedCatalog> {
  const own = `${server}/${crypto.randomUUID()}`
  const served: ServedCatalog = {
    url: (paging) => `${own}/${paging}`,
    async change(other) {
      const response = await fetch(own, { method: 'PUT', body: JSON.stringify(other) })
      await response.text()
    },
    async requests() {
      const response = await fetch(`${own}/requests`)
      return response.json<[number, number][]>()
    },
  }
  await served.change(catalog)
  return served
}

/** Products 1 to `count`, all at one version. */
export function productsUpTo(count: number, version = 1): Product[] {
  return Array.from({ length: count }, (_, index) => ({
    sku: `P${String(index + 1).padStart(4, '0')}`,
    version,
    name: `Product ${index + 1}`,
    priceCents: 100 * (index + 1) + version,
  }))
}
