import { describeValue, DogearError } from '../errors.ts'
import type { Cursor } from '../cursor.ts'
import { enumerator, Tick, type Entry, type Enumerator } from './enumerator.ts'
import { Circle } from './circle.ts'
import { PageError, withoutSecrets } from './page-error.ts'
import { requireLargeIntegers, type LargeIntegers } from './json-value.ts'
import { noteId } from './item-ids.ts'
import { bodyOf, NO_CONTENT, request, waitAsked } from './page-request.ts'

/**
 * A page, and the number of its items that are done. Beside the last item of a page it names the next
 * one, so that no page is fetched twice. (A type and not an interface: only so does it satisfy `Cursor`.)
 */
export type PageCursor<P extends Cursor> = { readonly page: P; readonly done: number }

export interface PageOptions<Item, Body> {
  cursor: Cursor | null
  /** Gets a page: `(url) => fetch(url, { headers: { authorization } })`. */
  fetch: (url: string) => Promise<Response>
  /** The items of a page's JSON. @default the JSON itself, which must be an array then */
  items?: (body: Body, response: Response) => readonly Item[]
  /** The name by which an item is known again when it has been skipped and has moved. @default its `id` */
  id?: (item: Item) => string | number | undefined
  /**
   * Whole numbers beyond 2^53 - 1, which JavaScript cannot hold: a page with one is refused, or they are
   * kept as the text of their digits. @default 'refuse'
   */
  largeIntegers?: LargeIntegers
}

/** The names that one kind of API has for its pages. */
export interface Paging<P extends Cursor, Item, Body> {
  readonly first: P
  /** True for a cursor's page of this kind. */
  accepts(page: unknown): page is P
  url(page: P): string
  /** The page after this one; undefined after the last. */
  next(page: P, items: readonly Item[], body: Body, response: Response): P | undefined
}

/** Walks the items of an API's pages; what `byNumber`, `byCursor` and `byLink` share. */
export function walkApi<P extends Cursor, Item, Body>(
  name: string,
  paging: Paging<P, Item, Body>,
  options: PageOptions<Item, Body>,
): Enumerator<Item, PageCursor<P>> {
  const start = startOf(name, paging, options.cursor)
  requireLargeIntegers(name, options.largeIntegers)
  return enumerator(
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
  const circle = new Circle(JSON.stringify(page))
  for (;;) {
    const url = paging.url(page)
    const response = await request(name, url, options.fetch)
    const wait = waitAsked(url, response)
    if (wait) {
      await response.body?.cancel()
      yield [wait]
      continue
    }
    if (response.status === NO_CONTENT) return
    const body = await bodyOf<Body>(url, response, options.largeIntegers ?? 'refuse')
    const items = itemsOf(name, url, options, body, response)
    const next = paging.next(page, items, body, response)
    if (next === page) throw endless(name, url, 'the page names itself as the next one')
    if (next !== undefined && circle.meets(JSON.stringify(next))) {
      throw endless(name, url, 'the page leads back to one that was there before')
    }
    yield next !== undefined && done >= items.length
      ? [new Tick({ page: next, done: 0 })]
      : remaining(items, { page, done }, next, options.id)
    if (next === undefined) return
    page = next
    done = 0
  }
}

function* remaining<P extends Cursor, Item>(
  items: readonly Item[],
  { page, done }: PageCursor<P>,
  next: P | undefined,
  idOf: PageOptions<Item, unknown>['id'],
): Generator<Entry<Item, PageCursor<P>>> {
  for (let index = done; index < items.length; index++) {
    if (idOf) noteId(items[index], idOf(items[index] as Item))
    const last = index === items.length - 1 && next !== undefined
    yield [items[index] as Item, last ? { page: next, done: 0 } : { page, done: index + 1 }]
  }
}

function itemsOf<Item, Body>(
  name: string,
  url: string,
  { items: find }: Pick<PageOptions<Item, Body>, 'items'>,
  body: Body,
  response: Response,
): readonly Item[] {
  const items: unknown = find ? find(body, response) : body
  if (Array.isArray(items)) return items as Item[]
  // What an API answers in trouble has success for a status often enough, and no items.
  if (items === undefined || items === null) {
    throw new PageError(url, response.status, `the answer has no items, but ${items}`)
  }
  throw new DogearError(
    'invalid_enumerator',
    `enumerators.${name} found ${describeValue(items)} as the items of a page; expected an array, from the option 'items' if the JSON is none`,
  )
}

function endless(name: string, url: string, problem: string): DogearError {
  return new DogearError(
    'invalid_enumerator',
    `enumerators.${name}: ${withoutSecrets(url)}: ${problem}; expected pages that come to an end`,
  )
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
