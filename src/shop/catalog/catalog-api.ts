import { z } from 'zod'
import { type Cursor, type Enumerators, type PageCursor, PageError, type Walk } from 'dogear'

/**
 * The source of a catalog, and how its API pages. The Worker fetches whatever `url` names, so only
 * trusted operators may start such a run; redirects are not followed. The URL is shown with the run:
 * it may not hold a user or password.
 */
export const CatalogSource = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
    .max(2_000)
    .refine((url) => !/^[^/]*\/\/[^/?#]*@/.test(url), 'expected no user or password in the URL'),
  /**
   * `number`: `?page=1`, an array of products, up to an empty one. `cursor`: `?after=...`, an object
   * `{ products, next }`. `link`: an array, with `Link: <...>; rel="next"` on all pages but the last.
   */
  paging: z.enum(['number', 'cursor', 'link']).default('number'),
  /** Sent as `per_page`. */
  perPage: z.int().min(1).max(1_000).default(100),
})
export type CatalogSource = z.output<typeof CatalogSource>

const ANSWER_WITHIN_MS = 10_000

/**
 * Walks a catalog's products as the API gives them, unchecked. It should list new products last: one
 * that is inserted before the page under way could make a product come twice, which does no harm.
 */
export function catalogProducts(
  { url, paging, perPage }: CatalogSource,
  { pages }: Enumerators,
  cursor: Cursor | null,
): Walk<unknown, PageCursor<string | number | null>> {
  const page = (query: Record<string, string> = {}): string => {
    const target = new URL(url)
    for (const [name, value] of Object.entries({ ...query, per_page: `${perPage}` }))
      target.searchParams.set(name, value)
    return target.href
  }
  const at = { cursor, fetch: fetchPage, id: skuOf }
  switch (paging) {
    case 'number':
      return pages.byNumber<unknown>({ ...at, url: (number) => page({ page: `${number}` }) })
    case 'cursor':
      return pages.byCursor({
        ...at,
        url: (after) => page(after === null ? {} : { after }),
        items: ({ products }: CursorPage) => products,
        next: ({ next }) => next,
      })
    case 'link':
      return pages.byLink<unknown>({ ...at, url: page() })
  }
}

/** Whatever else is wrong with a product, so that it is found again once it is fixed. */
function skuOf(item: unknown): string | undefined {
  const { sku } = (item ?? {}) as { sku?: unknown }
  return typeof sku === 'string' ? sku : undefined
}

interface CursorPage {
  products: unknown[]
  next: string | null
}

function fetchPage(url: string): Promise<Response> {
  return fetch(url, {
    headers: { accept: 'application/json' },
    // Another server than the operator named is none of ours.
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
}

/** No answer, or one that says it is the server's fault: likely to be over soon. */
export function isPassing(error: Error): boolean {
  if (!(error instanceof PageError)) return false
  const { status } = error
  return status === null || status === 408 || status >= 500
}
