import type { Slice, Stretch, StretchList } from '../state/api.ts'

/** The slices of a part of a run's past of which only the sums are kept. */
export interface Block extends Omit<Stretch, 'from'> {
  from: number
  to: number
}

const MOST_BLOCKS = 100

/** What came before the first of these slices, in at most a hundred blocks. */
export function blocksBefore(
  [first]: readonly Pick<Slice, 'startedAt'>[],
  { widthMs, stretches }: StretchList,
): Block[] {
  if (!first) return []
  const until = Date.parse(first.startedAt)
  const earlier = stretches.filter(({ from }) => Date.parse(from) + widthMs <= until)
  const together = Math.ceil(earlier.length / MOST_BLOCKS)
  const blocks: Block[] = []
  for (const [index, { from, ...sums }] of earlier.entries()) {
    const at = Date.parse(from)
    const last = index % together === 0 ? undefined : blocks.at(-1)
    if (last) Object.assign(last, added(last, sums), { to: at + widthMs })
    else blocks.push({ ...sums, from: at, to: at + widthMs })
  }
  return blocks.filter(({ slices, workedMs }) => slices > 0 || workedMs > 0)
}

function added(block: Block, more: Omit<Stretch, 'from'>): Omit<Stretch, 'from'> {
  const names = Object.keys(more) as (keyof typeof more)[]
  return Object.fromEntries(names.map((name) => [name, block[name] + more[name]])) as typeof more
}

/** What the sums between two times are, as far as stretches tell. */
export function sumsBetween(
  { widthMs, stretches }: StretchList,
  from: number,
  to: number,
): { slices: number; items: number } {
  const within = stretches.filter((one) => {
    const at = Date.parse(one.from)
    return at + widthMs > from && at < to
  })
  return {
    slices: within.reduce((sum, { slices }) => sum + slices, 0),
    items: within.reduce((sum, { items }) => sum + items, 0),
  }
}

/** The colour of a block: that of the worst end of a slice in it. */
export function toneOfBlock({ vanished, errored, interrupted }: Block): string {
  if (vanished > 0) return 'vanished'
  if (errored > 0) return 'errored'
  return interrupted > 0 ? 'interrupted' : 'budget'
}
