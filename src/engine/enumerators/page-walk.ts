import { describeValue, DogearError, ensureError } from '../errors.ts'
import type { Cursor } from '../cursor.ts'
import { Throttled, Tick, walkInPages, type Entry, type Walk } from './enumerator.ts'
import { PageError } from './page-error.ts'
import { retryAfterMs } from './retry-after.ts'

/**
 * Which page, and how many of its items are done. Beside the last item of a page it names the next
 * one, so that no page is fetched twice. (A type and not an interface: only so does it satisfy `Cursor`.)
 */
export type PageCursor<P extends Cursor> = { readonly page: P; readonly done: number }

export interface PageOptions<Item, Body> {
  cursor: Cursor | null
  /** Gets a page: `(url) => fetch(url, { headers: { authorization } })`. */
  fetch: (url: string) => Promise<Response>
  /** The items of a page's JSON. @default the JSON itself, which must be an array then */
  items?: (body: Body, response: Response) => readonly Item[]
}

/** How one kind of API names its pages. */
export interface Paging<P extends Cursor, Item, Body> {
  readonly first: P
  /** Whether a cursor's page is one of this kind. */
  accepts(page: unknown): page is P
  url(page: P): string
  /** The page after this one; undefined after the last. */
  next(page: P, items: readonly Item[], body: Body, response: Response): P | undefined
}

/** For a 429 that does not say how long. */
const DEFAULT_WAIT_MS = 60_000

/** Walks the items of an API's pages; what `byNumber`, `byCursor` and `byLink` share. */
export function walkApi<P extends Cursor, Item, Body>(
  name: string,
  paging: Paging<P, Item, Body>,
  options: PageOptions<Item, Body>,
): Walk<Item, PageCursor<P>> {
  const start = startOf(name, paging, options.cursor)
  return walkInPages(
    () => walkPages(name, paging, options, start),
    async () => null,
  )
}

async function* walkPages<P extends Cursor, Item, Body>(
  name: string,
  paging: Paging<P, Item, Body>,
  options: PageOptions<Item, Body>,
  start: PageCursor<P>,
): AsyncGenerator<Iterable<Entry<Item, PageCursor<P>>>> {
  let { page, done } = start
  for (;;) {
    const url = paging.url(page)
    const response = await request(url, options.fetch)
    const waitMs = waitOf(response)
    if (waitMs !== undefined) {
      await response.body?.cancel()
      yield [new Throttled(waitMs)]
      continue
    }
    const body = await bodyOf<Body>(url, response)
    const items = options.items ? options.items(body, response) : body
    if (!Array.isArray(items)) {
      throw new DogearError(
        'invalid_enumerator',
        `enumerators.${name} found ${describeValue(items)} as the items of a page; expected an array, from the option 'items' if the JSON is none`,
      )
    }
    const next = paging.next(page, items as Item[], body, response)
    if (next !== undefined && next === page) {
      throw new PageError(url, response.status, 'the page names itself as the next one')
    }
    yield next !== undefined && done >= items.length
      ? [new Tick({ page: next, done: 0 })]
      : remaining(items as Item[], { page, done }, next)
    if (next === undefined) return
    page = next
    done = 0
  }
}

function* remaining<P extends Cursor, Item>(
  items: readonly Item[],
  { page, done }: PageCursor<P>,
  next: P | undefined,
): Generator<Entry<Item, PageCursor<P>>> {
  for (let index = done; index < items.length; index++) {
    const last = index === items.length - 1 && next !== undefined
    yield [items[index] as Item, last ? { page: next, done: 0 } : { page, done: index + 1 }]
  }
}

async function request(
  url: string,
  fetchPage: (url: string) => Promise<Response>,
): Promise<Response> {
  try {
    return await fetchPage(url)
  } catch (thrown) {
    const cause = ensureError(thrown)
    throw new PageError(url, null, 'no answer to the request', { cause })
  }
}

/** How long to stand still, when the API asks for it. */
function waitOf(response: Response): number | undefined {
  if (response.status === 429) return retryAfterMs(response) ?? DEFAULT_WAIT_MS
  return response.status === 503 ? retryAfterMs(response) : undefined
}

async function bodyOf<Body>(url: string, response: Response): Promise<Body> {
  if (!response.ok) {
    await response.body?.cancel()
    throw new PageError(url, response.status, `answered ${response.status}; expected a page`)
  }
  try {
    return await response.json<Body>()
  } catch (cause) {
    throw new PageError(url, response.status, 'the answer is not JSON', { cause })
  }
}

function startOf<P extends Cursor>(
  name: string,
  paging: Pick<Paging<P, never, never>, 'first' | 'accepts'>,
  cursor: Cursor | null,
): PageCursor<P> {
  if (cursor === null) return { page: paging.first, done: 0 }
  const { page, done } = cursor as Partial<PageCursor<P>>
  if (paging.accepts(page) && Number.isSafeInteger(done) && Number(done) >= 0) {
    return { page, done: Number(done) }
  }
  throw new DogearError(
    'invalid_cursor',
    `enumerators.${name} got cursor ${describeValue(cursor)}; expected { page, done } as it came beside an item, or null`,
  )
}
