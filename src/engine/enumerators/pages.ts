import { describeValue } from '../errors.ts'
import type { Enumerator } from './enumerator.ts'
import { isLinkHeader, linkTarget } from './link-header.ts'
import { PageError } from './page-error.ts'
import { walkApi, type PageCursor, type PageOptions } from './page-walk.ts'

export { PageError } from './page-error.ts'
export type { PageCursor, PageOptions } from './page-walk.ts'

export interface NumberedPages<Item, Body> extends PageOptions<Item, Body> {
  url: (page: number) => string
  /** @default 1 */
  first?: number
  /** True on the last page. @default when it has no items */
  last?: (body: Body, response: Response) => boolean
}

export interface CursorPages<Item, Body> extends PageOptions<Item, Body> {
  /** The URL of the page behind this cursor of the API; null is its first page. */
  url: (apiCursor: string | null) => string
  /** The API's cursor of the next page; null, undefined or '' after the last. */
  next: (body: Body, response: Response) => string | null | undefined
}

export interface LinkedPages<Item, Body> extends PageOptions<Item, Body> {
  /** The URL of the first page; the others follow from each answer's `Link: <...>; rel="next"` (RFC 8288). */
  url: string
}

/**
 * Walk the items of a paginated HTTP API, one page in memory at a time, fetched when it is needed.
 * Cursor: `{ page, done }`, the page and how many of its items are done. Size: null.
 *
 *     enumerators.pages.byLink({
 *       cursor,
 *       url: 'https://api.example.com/orders?per_page=100',
 *       fetch: (url) => fetch(url, { headers: { authorization: env.TOKEN } }),
 *     })
 *
 * A walk resumed within a page fetches it again and passes over as many items as are done. If the page
 * has changed meanwhile, an item inserted before that place makes one come twice, and a deleted one
 * makes one be missed; so ask for an order in which new items come last (by id, ascending), or handle
 * a page as a whole, with `items: (body) => [body]`. The cursor holds the page's number, cursor or URL
 * and is shown with the run: keep secrets in headers.
 *
 * After 429, or 403 or 503 with Retry-After, the run stands still for as long as Retry-After says (a day
 * at most; a minute when a 429 does not say); after 202, "not yet", for a second and longer each time.
 * That costs no attempt. 204 is the end. Throws `PageError` for any other status that is not a success,
 * for no answer, and for what is not JSON: the page is asked for again, as often as `retry` says, unless
 * the status says that the request itself is wrong.
 * Throws `invalid_enumerator` when pages lead back to one that was there before.
 */
export const pages = {
  /** Pages that are counted. */
  byNumber<Item, Body = readonly Item[]>(
    options: NumberedPages<Item, Body>,
  ): Enumerator<Item, PageCursor<number>> {
    const { first = 1, last, url } = options
    return walkApi(
      'pages.byNumber',
      {
        first,
        accepts: (page): page is number => Number.isSafeInteger(page),
        url,
        next(page, items, body, response) {
          const ended = last ? last(body, response) : items.length === 0
          return ended ? undefined : page + 1
        },
      },
      options,
    )
  },

  /** Pages whose answers hold an opaque cursor for the next one. */
  byCursor<Item, Body>(
    options: CursorPages<Item, Body>,
  ): Enumerator<Item, PageCursor<string | null>> {
    return walkApi(
      'pages.byCursor',
      {
        first: null,
        accepts: (page): page is string | null => page === null || typeof page === 'string',
        url: options.url,
        // An empty text is how some APIs write "no more".
        next: (_page, _items, body, response) => options.next(body, response) || undefined,
      },
      options,
    )
  },

  /** Pages whose answers link to the next one. Follows links within the first page's origin only. */
  byLink<Item, Body = readonly Item[]>(
    options: LinkedPages<Item, Body>,
  ): Enumerator<Item, PageCursor<string>> {
    return walkApi(
      'pages.byLink',
      {
        first: options.url,
        accepts: (page): page is string =>
          typeof page === 'string' && sameOrigin(page, options.url),
        url: (page) => page,
        next(page, _items, _body, response) {
          const header = response.headers.get('link')
          const target = linkTarget(header, 'next')
          if (target === null) {
            // Taken for the last page it would lose all that follow.
            if (header === null || isLinkHeader(header)) return undefined
            throw new PageError(
              page,
              response.status,
              `its Link header is malformed: ${describeValue(header)}; expected <url>; rel="next"`,
            )
          }
          const next = URL.parse(target, page)?.href
          // `fetch` may add credentials, which are for that origin alone.
          if (next !== undefined && sameOrigin(next, options.url)) return next
          throw new PageError(
            next ?? target,
            response.status,
            `the next page's link leads elsewhere; expected one within ${URL.parse(options.url)?.origin}`,
          )
        },
      },
      options,
    )
  },
} as const

function sameOrigin(url: string, other: string): boolean {
  const origin = URL.parse(url)?.origin
  return origin !== undefined && origin === URL.parse(other)?.origin
}
