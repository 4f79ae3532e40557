import type { Span } from '../../figures/timeline.ts'
import { useZone } from '../../state/zone.ts'
import { clock } from '../../words/times.ts'
import { count, duration } from '../../words/words.ts'
import { ZoneLabel } from '../zone.tsx'
import { endingOf, toneOf } from './slice-bars.tsx'
import { LongText } from '../long-text.tsx'
import { Badge } from '../status.tsx'

/** The same as the timeline, to be read. */
export function SliceTable({ spans }: { spans: readonly Span[] }) {
  const zone = useZone()
  return (
    <details>
      <summary class="small">
        {spans.length === 1 ? 'The slice as a table' : `${spans.length} slices as a table`}
      </summary>
      <div class="scroll" tabIndex={0}>
        <table class="small">
          <thead>
            <tr>
              <th class="figure">Fence</th>
              <th>
                Began <ZoneLabel />
              </th>
              <th class="figure">Lasted</th>
              <th>Ended</th>
              <th class="figure">Items</th>
              <th class="figure">Commits</th>
            </tr>
          </thead>
          <tbody>
            {spans.toReversed().map(({ slice, ms }) => (
              <tr key={slice.fence}>
                <td class="figure">{slice.fence}</td>
                <td class="mono nowrap">{clock(slice.startedAt, zone)}</td>
                <td class="figure">{duration(ms)}</td>
                <td>
                  <Badge tone={toneOf(slice)}>{endingOf(slice)}</Badge>
                  {slice.error ? (
                    <div class="quiet">
                      <LongText text={slice.error.message} />
                    </div>
                  ) : null}
                </td>
                <td class="figure">{count(slice.items)}</td>
                <td class="figure">{count(slice.commits)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
