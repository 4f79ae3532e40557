import type { Commit, Slice } from '../../state/api.ts'
import { layTimeline } from '../../figures/timeline.ts'
import { SliceBars, toneOf } from './slice-bars.tsx'
import { SliceTable } from './slice-table.tsx'

/** The slices of a run as bars, with what the colours mean, and as a table. */
export function SliceTimeline({
  slices,
  commits,
}: {
  slices: readonly Slice[]
  commits: readonly Commit[]
}) {
  return (
    <>
      <SliceBars slices={slices} commits={commits} />
      {slices.length === 0 ? null : (
        <>
          <Legend slices={slices} />
          <SliceTable spans={layTimeline(slices, Date.now()).spans} />
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

function Legend({ slices }: { slices: readonly Slice[] }) {
  const kinds = [...new Set(slices.map(toneOf))]
  return (
    <ul class="legend row small quiet" aria-hidden="true">
      {kinds.map((kind) => (
        <li key={kind} class={`row tone-${kind}`}>
          <span class="dot" /> {LEGEND[kind] ?? kind}
        </li>
      ))}
      <li class="row">
        <span class="tick-sign" /> commit
      </li>
    </ul>
  )
}
