import type { Slice } from '../../state/api.ts'
import type { Paged } from '../../state/paged.ts'
import { useZone } from '../../state/zone.ts'
import { clock } from '../../words/times.ts'
import { count, duration } from '../../words/words.ts'
import { ZoneLabel } from '../zone.tsx'
import { endingOf, toneOf } from './slice-bars.tsx'
import { LoadMore } from '../load-more.tsx'
import { LongText } from '../long-text.tsx'
import { Badge } from '../status.tsx'

/** The same as the timeline, to be read. */
export function SliceTable({
  slices,
  older,
  total,
}: {
  slices: readonly Slice[]
  older: Paged<Slice>
  total: number
}) {
  const zone = useZone()
  const shown = [...slices.toReversed(), ...older.items]
  return (
    <details>
      <summary class="small">
        {total === 1 ? 'The slice as a table' : `${count(total)} slices as a table`}
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
            {shown.map((slice) => (
              <tr key={slice.fence}>
                <td class="figure">{slice.fence}</td>
                <td class="mono nowrap">{clock(slice.startedAt, zone)}</td>
                <td class="figure">{duration(lastedMs(slice))}</td>
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
      <LoadMore of={older} shown={shown.length} total={total} what="slices" />
    </details>
  )
}

/** One that is at work lasts until now. */
function lastedMs({ startedAt, endedAt }: Slice): number {
  return Math.max(0, (endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt))
}
