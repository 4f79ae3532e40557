import { type Cursor, encodeCursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import {
  type Entry,
  enumerator,
  type Enumerator,
  isPair,
  pagesOf,
  requireWalk,
  Throttled,
  Tick,
  underCursor,
  Unreadable,
  type Walk,
} from './enumerator.ts'
import type { LevelPosition } from './nested-walk.ts'

/** A member, and the cursor in it. (A type and not an interface: only so does it satisfy `Cursor`.) */
export type ChainCursor = { readonly member: string; readonly cursor: Cursor }

type Member = (at: LevelPosition) => Walk<unknown> | Promise<Walk<unknown>>
type ItemOf<M extends Member> = Awaited<ReturnType<M>> extends Walk<infer Item> ? Item : never

/**
 * Walks several enumerators one after the other, in the order in which they are named.
 *
 *     enumerators.chain({
 *       orders: (at) => enumerators.records(env.DB, orders, at),
 *       archived: (at) => enumerators.jsonLines<Order>(env.FILES, 'orders.jsonl', at),
 *     }, { cursor })
 *
 * Cursor: `{ member, cursor }`, the member's name and the cursor in it, so a deploy may add members
 * and put them in another order: those named before the current one are taken as done, those after it
 * as still to come. Size: the sum of the members', null if one does not know its own. Between two
 * members the walk offers a stop.
 *
 * Throws `invalid_enumerator` for a member that is no function or whose name is a whole number (objects
 * put those first, whatever the order they are written in), `invalid_cursor` when the cursor's member
 * is gone.
 */
export function chain<Members extends Record<string, Member>>(
  members: Members,
  { cursor }: LevelPosition,
): Enumerator<ItemOf<Members[keyof Members]>, ChainCursor> {
  requireMembers(members)
  const start = cursor === null ? null : requireCursor(cursor, members)
  return enumerator(
    () => walkMembers(members, start) as AsyncIterable<Iterable<Entry<never, ChainCursor>>>,
    () => sizeOf(Object.values(members)),
  )
}

async function* walkMembers(
  members: Record<string, Member>,
  start: ChainCursor | null,
): AsyncGenerator<Iterable<Entry<unknown, ChainCursor>>> {
  const names = Object.keys(members)
  for (const name of names.slice(start === null ? 0 : names.indexOf(start.member))) {
    const resumed = start?.member === name
    // Moves on, so that a member that is done is not built again.
    if (!resumed && name !== names[0]) yield [new Tick({ member: name, cursor: null })]
    const cursor = resumed ? start.cursor : null
    for await (const page of pagesOf(await build(members, name, cursor))) yield placed(page, name)
  }
}

function* placed(
  page: Iterable<Entry<unknown>>,
  member: string,
): Generator<Entry<unknown, ChainCursor>> {
  for (const entry of page) {
    if (isPair(entry)) yield underCursor(entry, { member, cursor: entry[1] })
    else if (entry instanceof Throttled) yield entry
    else if (entry instanceof Unreadable)
      yield new Unreadable({ member, cursor: entry.cursor }, entry.error)
    else yield entry.cursor === undefined ? new Tick() : new Tick({ member, cursor: entry.cursor })
  }
}

async function build(
  members: Record<string, Member>,
  name: string,
  cursor: Cursor,
): Promise<Walk<unknown>> {
  return requireWalk('chain', await (members[name] as Member)({ cursor }))
}

async function sizeOf(members: readonly Member[]): Promise<number | null> {
  let sum = 0
  for (const member of members) {
    const size = await (await member({ cursor: null })).size?.()
    if (typeof size !== 'number') return null
    sum += size
  }
  return sum
}

function requireMembers(members: Record<string, unknown>): void {
  for (const [name, member] of Object.entries(members)) {
    if (typeof member === 'function' && !/^\d+$/.test(name)) continue
    throw new DogearError(
      'invalid_enumerator',
      `enumerators.chain got ${describeValue(member)} named '${name}'; expected functions that each build an enumerator, by names that are not numbers`,
    )
  }
}

function requireCursor(cursor: Cursor, members: Record<string, unknown>): ChainCursor {
  const { member, cursor: inner = null } = (cursor ?? {}) as Partial<ChainCursor>
  if (typeof member === 'string' && Object.hasOwn(members, member)) return { member, cursor: inner }
  throw new DogearError(
    'invalid_cursor',
    `enumerators.chain got cursor ${encodeCursor(cursor)}; expected { member, cursor } with one of the members ${Object.keys(members).join(', ')}, or null`,
  )
}
