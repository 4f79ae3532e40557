import type { Slice } from '../api.ts'
import { count, duration } from '../words.ts'

/** The slices of a run as a timeline: each a bar, as long as it lasted, coloured by how it ended. */
export function SliceTimeline({ slices }: { slices: readonly Slice[] }) {
  const now = Date.now()
  const first = Date.parse(slices[0]?.startedAt ?? '')
  const spans = slices.map((slice) => ({
    slice,
    from: Date.parse(slice.startedAt),
    to: slice.endedAt === null ? now : Date.parse(slice.endedAt),
  }))
  const last = Math.max(...spans.map(({ to }) => to))
  const whole = Math.max(1, last - first)
  // Of very short slices something must be seen.
  const percent = (ms: number) => (ms / whole) * 1_000
  if (slices.length === 0) return <p class="quiet">No slice has run yet.</p>
  return (
    <div>
      <svg
        class="timeline"
        viewBox="0 0 1000 36"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${slices.length} slices in ${duration(whole)}`}
      >
        <rect class="track" x="0" y="16" width="1000" height="4" />
        {spans.map(({ slice, from, to }) => (
          <rect
            key={slice.fence}
            class={`slice ${slice.outcome}`}
            x={percent(from - first)}
            y="6"
            width={Math.max(3, percent(to - from))}
            height="24"
            rx="2"
          >
            <title>{describe(slice, to - from)}</title>
          </rect>
        ))}
      </svg>
      <details>
        <summary>{slices.length} slices as a table</summary>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Fence</th>
                <th>Began</th>
                <th>Lasted</th>
                <th>Ended</th>
                <th>Items</th>
                <th>Commits</th>
              </tr>
            </thead>
            <tbody>
              {spans.toReversed().map(({ slice, from, to }) => (
                <tr key={slice.fence}>
                  <td class="figures">{slice.fence}</td>
                  <td>{slice.startedAt.slice(11, 23)}</td>
                  <td class="figures">{duration(to - from)}</td>
                  <td>
                    <span class={`badge ${slice.outcome}`}>{ending(slice)}</span>
                    {slice.error ? <div class="quiet">{slice.error.message}</div> : null}
                  </td>
                  <td class="figures">{count(slice.items)}</td>
                  <td class="figures">{count(slice.commits)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  )
}

function ending({ outcome, reason }: Slice): string {
  return reason ? `${outcome} (${reason})` : outcome
}

function describe(slice: Slice, ms: number): string {
  return `Fence ${slice.fence}: ${ending(slice)} after ${duration(ms)}; ${count(slice.items)} items in ${count(slice.commits)} commits`
}
