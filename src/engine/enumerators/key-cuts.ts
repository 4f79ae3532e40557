import { KeyScale } from './key-scale.ts'
import { type Edges, edgesOf, type Stretch } from './key-stretches.ts'
import type { Key } from './keys.ts'
import type { Keyset } from './keyset.ts'

/** So many rows are cut without a guess. */
const FEW = 256

/** Rows that are read at either end of a stretch: how close they lie tells how many it has. */
const EDGE = 5

/** Stretches that a walk is looked at in, at first; those that seem to have more than two of so many ... */
const STRETCHES = 100
const FINENESS = 64
/** ... parts of all rows are looked at more closely, so many times. */
const ROUNDS = 2

/** Rows that lie together, and the key of the last one. */
interface Portion {
  readonly rows: number
  readonly end: Key
}

type Seen = Stretch & Edges

/**
 * Keys that cut what is left of a walk, in its order, each the key of a row. The rows are not counted but
 * sampled along the index: first at equal distances, then more closely where there are many. A part has `unit`
 * rows at least, as far as is known.
 */
export async function cutKeys<Row>(
  keys: Keyset<Row>,
  count: number,
  unit: number,
): Promise<readonly Key[]> {
  if (!(count > 1)) return []
  const [head, [tail]] = await Promise.all([
    keys.read<Row>(keys.names, keys.start, FEW + 1),
    keys.read<Row>(keys.names, keys.start, 1, keys.backwards),
  ])
  const known = head.map((row) => keys.after(row).key)
  const [first] = known
  if (first === undefined || tail === undefined) return []
  const last = keys.after(tail).key
  const portions =
    known.length > FEW ? await sampled(keys, first, last, known) : inUnits(known, unit)
  return inOrder(keys, evenly(portions, count, unit), last)
}

function inUnits(known: readonly Key[], unit: number): Portion[] {
  return known.flatMap((end, index) => {
    const rows = (index % unit) + 1
    return rows === unit || index === known.length - 1 ? [{ rows, end }] : []
  })
}

async function sampled<Row>(
  keys: Keyset<Row>,
  first: Key,
  last: Key,
  known: readonly Key[],
): Promise<Portion[]> {
  const whole = { after: first, upTo: last, first: [first], last: [last] }
  let seen = await look(keys, parted(whole, STRETCHES, new KeyScale([...known, last])))
  for (let round = 0; ; round++) {
    const scale = new KeyScale(seen.flatMap((stretch) => [...stretch.first, ...stretch.last]))
    const rows = rowsIn(seen, scale)
    const piece = sumOf(rows) / FINENESS
    const finer = seen.flatMap((stretch, index) =>
      parted(stretch, Math.floor((rows[index] ?? 0) / piece), scale),
    )
    if (finer.length === seen.length || round === ROUNDS)
      return seen.map((stretch, index) => ({ rows: rows[index] ?? 0, end: stretch.last[0] as Key }))
    seen = await look(keys, finer)
  }
}

/** Reads the edges of those that have not been read yet, and leaves out those without rows. */
async function look<Row>(
  keys: Keyset<Row>,
  stretches: readonly (Stretch | Seen)[],
): Promise<Seen[]> {
  const unseen = stretches.filter((stretch) => !('first' in stretch))
  const edges = (await edgesOf(keys, unseen, EDGE)).values()
  return stretches
    .map((stretch) =>
      'first' in stretch ? stretch : { ...stretch, ...(edges.next().value as Edges) },
    )
    .filter(({ first, last }) => first.length > 0 && last.length > 0)
}

function parted(stretch: Seen, pieces: number, scale: KeyScale): (Stretch | Seen)[] {
  const { after, upTo, first, last } = stretch
  if (pieces < 2) return [stretch]
  const ends = [...scale.between(first[0] as Key, last[0] as Key, pieces), upTo]
  return ends.map((end, index) => ({ after: ends[index - 1] ?? after, upTo: end }))
}

/** About how many rows each stretch has; where that cannot be told, as many as the others. */
function rowsIn(seen: readonly Seen[], scale: KeyScale): number[] {
  const rows = seen.map(({ first, last }) => {
    if (first.length < EDGE) return first.length
    const [from, to] = [first[0] as Key, last[0] as Key]
    const shares = [first, last]
      .map((edge) => scale.share(from, to, edge))
      .filter((share) => share !== undefined)
    return meanOf(shares.map((share) => (EDGE - 1) / share))
  })
  const usual = meanOf(rows.filter((found) => found !== undefined)) ?? 0
  return rows.map((found) => found ?? Math.max(usual, 2 * EDGE))
}

/** The ends of portions at which as many rows lie on either side of a cut as can be. */
function evenly(portions: readonly Portion[], count: number, unit: number): Key[] {
  let sum = 0
  const cuts = portions.map(({ rows, end }) => ({ rows: (sum += rows), end }))
  const parts = Math.min(count, Math.ceil(sum / unit))
  const chosen = Array.from({ length: Math.max(0, parts - 1) }, (_, index) => {
    const wanted = (sum * (index + 1)) / parts
    const away = ({ rows }: Portion) => Math.abs(rows - wanted)
    return cuts.reduce((best, cut) => (away(cut) < away(best) ? cut : best))
  })
  return [...new Set(chosen)].map(({ end }) => end)
}

/**
 * Only cuts that come one after the other to D1, too, which may order texts otherwise, and before the last
 * row: what overlaps would be met twice.
 */
async function inOrder<Row>(keys: Keyset<Row>, cuts: readonly Key[], last: Key): Promise<Key[]> {
  if (cuts.length === 0) return []
  const stretches = cuts.map((after, index) => ({ after, upTo: cuts[index + 1] ?? last }))
  const between = await edgesOf(keys, stretches, 1)
  const kept = cuts.filter((_, index) => (between[index] as Edges).first.length > 0)
  return kept.length === cuts.length ? kept : inOrder(keys, kept, last)
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function meanOf(numbers: readonly number[]): number | undefined {
  return numbers.length > 0 ? sumOf(numbers) / numbers.length : undefined
}
