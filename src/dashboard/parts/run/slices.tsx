import { client, type Run, type Slice, type StretchList } from '../../state/api.ts'
import { SliceBars, toneOf } from './slice-bars.tsx'
import { SliceTable } from './slice-table.tsx'
import { usePaged } from '../../state/paged.ts'

/** The slices of a run as bars, with what the colours mean, and as a table. */
export function SliceTimeline({
  run: { id, slices: total },
  slices,
  stretches,
}: {
  run: Run
  slices: readonly Slice[]
  stretches: StretchList
}) {
  const first = slices[0]?.fence
  const older = async (cursor: string) => {
    const page = await client.slices(id, { cursor })
    return { items: page.slices.toReversed(), nextCursor: page.nextCursor }
  }
  // Those that are shown anyway; the pages begin before them.
  const shown = {
    items: [],
    nextCursor: first !== undefined && total > slices.length ? `${first}` : null,
  }
  const paged = usePaged<Slice>(shown, older)
  return (
    <>
      <SliceBars slices={slices} stretches={stretches} total={total} />
      {slices.length === 0 ? null : (
        <>
          <Legend slices={slices} isWhole={total <= slices.length} />
          <SliceTable slices={slices} older={paged} total={total} />
        </>
      )}
    </>
  )
}

const LEGEND: Record<string, string> = {
  running: 'at work',
  ended: 'ended the run',
  failed: 'failed the run',
  budget: 'budget used up',
  interrupted: 'interrupted',
  paused: 'paused',
  throttled: 'throttled',
  errored: 'error',
  vanished: 'vanished',
}

function Legend({ slices, isWhole }: { slices: readonly Slice[]; isWhole: boolean }) {
  const kinds = [...new Set(slices.map(toneOf))]
  return (
    <ul class="legend row small quiet" aria-hidden="true">
      {kinds.map((kind) => (
        <li key={kind} class={`row tone-${kind}`}>
          <span class="dot" /> {LEGEND[kind] ?? kind}
        </li>
      ))}
      {isWhole ? null : <li class="row">low bars: earlier slices, several together</li>}
      <li class="row">
        <span class="tick-sign" /> commits
      </li>
    </ul>
  )
}
