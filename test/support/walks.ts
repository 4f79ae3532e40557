import { entriesOf as rawEntriesOf, type Pair } from '../../src/engine/enumerators/enumerator.ts'
import {
  Throttled,
  Tick,
  Unreadable,
  type Cursor,
  type Entry,
  type Walk,
} from '../../src/engine/index.ts'

/** Builds a walk that goes on after a cursor. */
export type Build<Item, C extends Cursor> = (at: { cursor: Cursor | null }) => Walk<Item, C>

/** What the engine's loop meets, marks included. */
export function met<Item, C extends Cursor>(walk: Walk<Item, C>): AsyncIterable<Entry<Item, C>> {
  return { [Symbol.asyncIterator]: () => rawEntriesOf(walk) }
}

/** The items one by one, each with its index as cursor: a walk without pages and without a size. */
export function walkOf<Item>(items: readonly Item[], cursor: Cursor | null): Walk<Item, number> {
  return {
    async *[Symbol.asyncIterator]() {
      for (const [index, item] of items.entries())
        if (cursor === null || index > (cursor as number)) yield [item, index] as const
    },
  }
}

export async function entriesOf<Item, C extends Cursor>(
  walk: Walk<Item, C>,
): Promise<Entry<Item, C>[]> {
  const entries: Entry<Item, C>[] = []
  for await (const entry of met(walk)) entries.push(entry)
  return entries
}

/** The pairs of a walk, without its ticks. */
export async function pairsOf<Item, C extends Cursor>(
  walk: Walk<Item, C>,
): Promise<Pair<Item, C>[]> {
  return (await entriesOf(walk)).filter(isPair)
}

export async function itemsOf<Item, C extends Cursor>(walk: Walk<Item, C>): Promise<Item[]> {
  return (await pairsOf(walk)).map(([item]) => item)
}

/** The items of a walk that is built again, as a resumed run does it, after every single entry. */
export async function itemsOneByOne<Item, C extends Cursor>(
  build: Build<Item, C>,
  between: (items: readonly Item[]) => unknown = () => undefined,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: Cursor | null = null
  for (let walks = 0; walks < 1_000; walks++) {
    const entry: Entry<Item, C> | undefined = await firstMove(build({ cursor }))
    if (entry === undefined) return items
    if (isPair(entry)) items.push(entry[0])
    cursor = isPair(entry) ? entry[1] : ((entry as Tick<C>).cursor ?? null)
    await between(items)
  }
  throw new Error('1,000 walks and no end')
}

/** The first entry that moves the cursor. */
async function firstMove<Item, C extends Cursor>(
  walk: Walk<Item, C>,
): Promise<Entry<Item, C> | undefined> {
  for await (const entry of met(walk)) {
    if (isPair(entry) || (entry instanceof Tick && entry.cursor !== undefined)) return entry
  }
  return undefined
}

function isPair<Item, C extends Cursor>(entry: Entry<Item, C>): entry is Pair<Item, C> {
  // As a loop by hand has it: what cannot be read is no item, and not passed over.
  if (entry instanceof Unreadable) throw entry.error
  return !(entry instanceof Tick) && !(entry instanceof Throttled)
}
