import { eventWords, toneOf } from '../../../sentences/event-words.ts'
import { sumsBetween } from '../../figures/blocks.ts'
import { type EventLine, foldEvents } from '../../figures/fold-events.ts'
import type { StretchList } from '../../state/api.ts'
import type { Told } from '../../state/live.ts'
import { useZone } from '../../state/zone.ts'
import { gapWords, sliceLineWords } from '../../words/line-words.ts'
import { clock, type Zone } from '../../words/times.ts'

const NO_STRETCHES: StretchList = { widthMs: 0, stretches: [] }

/** Events, the newest first. A slice in which nothing but work happened is one line, which opens. */
export function EventList({
  told,
  stretches = NO_STRETCHES,
  gaps = false,
}: {
  told: readonly Told[]
  stretches?: StretchList
  /** Say where some are missing. */
  gaps?: boolean
}) {
  const zone = useZone()
  return (
    <ol class="events" tabIndex={0} aria-label="Events, the newest first">
      {foldEvents(told, gaps)
        .toReversed()
        .map((line) => (
          <Line key={keyOf(line)} line={line} stretches={stretches} zone={zone} />
        ))}
    </ol>
  )
}

function keyOf(line: EventLine): string {
  if (line.kind === 'event') return line.told.id
  return line.kind === 'slice' ? `slice ${line.fence}` : `gap ${line.from}`
}

function Line({ line, stretches, zone }: { line: EventLine; stretches: StretchList; zone: Zone }) {
  if (line.kind === 'event') return <One told={line.told} zone={zone} />
  if (line.kind === 'gap') {
    const sums = sumsBetween(stretches, Date.parse(line.from), Date.parse(line.to))
    return <li class="gap small quiet">{gapWords(line.count, sums)}</li>
  }
  return (
    <li class="tone-budget">
      <details>
        <summary>
          <Time at={line.told[0]?.event.at ?? ''} zone={zone} />
          <span class="dot" />
          <span class="words long-text">{sliceLineWords(line)}</span>
          <span class="quiet fence">{line.told.length} events</span>
        </summary>
        <ol class="folded">
          {line.told.toReversed().map((one) => (
            <One key={one.id} told={one} zone={zone} />
          ))}
        </ol>
      </details>
    </li>
  )
}

function One({ told: { event }, zone }: { told: Told; zone: Zone }) {
  const { type, at, run: _run, job: _job, fence, ...rest } = event
  return (
    <li class={`tone-${toneOf(event)}`}>
      <details>
        <summary>
          <Time at={at} zone={zone} />
          <span class="dot" />
          <span class="words long-text">{eventWords(event)}</span>
          <span class="quiet fence">{fence > 0 ? `fence ${fence}` : ''}</span>
        </summary>
        <pre tabIndex={0}>
          {type} {JSON.stringify(rest, null, 2)}
        </pre>
      </details>
    </li>
  )
}

function Time({ at, zone }: { at: string; zone: Zone }) {
  return (
    <time class="mono quiet" dateTime={at}>
      {clock(at, zone)}
    </time>
  )
}
