import { useState } from 'hono/jsx/dom'
import {
  EVENT_KINDS,
  eventWords,
  isOfKind,
  toneOf,
  type EventKind,
} from '../../../sentences/event-words.ts'
import type { Told } from '../../state/live.ts'
import { useZone } from '../../state/zone.ts'
import { clock } from '../../words/times.ts'
import { ZoneLabel } from '../zone.tsx'
import { Empty } from '../notice.tsx'

const SHOWN = 150

/** The events of a run, the newest first; each opens to all that it tells. */
export function EventLog({ events }: { events: readonly Told[] }) {
  const [kind, setKind] = useState<EventKind>('all')
  const shown = events.filter(({ event }) => isOfKind(event, kind)).slice(-SHOWN)
  return (
    <>
      <div class="head">
        <h2>
          Events <ZoneLabel />
        </h2>
        <div class="chips" role="group" aria-label="Which events">
          {EVENT_KINDS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={`${one === kind}`}
              onClick={() => setKind(one)}
            >
              {one}
            </button>
          ))}
        </div>
      </div>
      {shown.length === 0 ? (
        <Empty>{kind === 'all' ? 'Nothing has happened yet.' : `No ${kind} so far.`}</Empty>
      ) : (
        <EventList told={shown} />
      )}
    </>
  )
}

export function EventList({ told }: { told: readonly Told[] }) {
  const zone = useZone()
  return (
    <ol class="events" tabIndex={0} aria-label="Events, the newest first">
      {told.toReversed().map(({ id, event }) => {
        const { type, at, run: _run, job: _job, fence, ...rest } = event
        return (
          <li key={id} class={`tone-${toneOf(event)}`}>
            <details>
              <summary>
                <time class="mono quiet" dateTime={at}>
                  {clock(at, zone)}
                </time>
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
      })}
    </ol>
  )
}
