import { useState } from 'hono/jsx/dom'
import { EVENT_KINDS, isOfKind, type EventKind } from '../../../sentences/event-words.ts'
import { leftOutWords } from '../../../sentences/left-out-words.ts'
import { client, type HistoryPage, type LeftOut, type StretchList } from '../../state/api.ts'
import type { Live, Told } from '../../state/live.ts'
import { usePaged } from '../../state/paged.ts'
import { useQuery } from '../../state/query.ts'
import { useZone } from '../../state/zone.ts'
import { clock } from '../../words/times.ts'
import { Chips } from '../chips.tsx'
import { LoadMore } from '../load-more.tsx'
import { Empty } from '../notice.tsx'
import { ZoneLabel } from '../zone.tsx'
import { EventList } from './event-list.tsx'

/** The events of a run, the newest first; each opens to all that it tells. */
export function EventLog({
  id,
  live,
  stretches,
}: {
  id: string
  live: Live
  stretches: StretchList
}) {
  const [kind, setKind] = useState<EventKind>('all')
  return (
    <>
      <div class="head">
        <h2>
          Events <ZoneLabel />
        </h2>
        <Chips of={EVENT_KINDS} chosen={kind} choose={setKind} label="Which events" />
      </div>
      <EventsOf key={`${id} ${kind}`} id={id} kind={kind} live={live} stretches={stretches} />
    </>
  )
}

function EventsOf({
  id,
  kind,
  live,
  stretches,
}: {
  id: string
  kind: EventKind
  live: Live
  stretches: StretchList
}) {
  const page = (cursor?: string) =>
    client.history(id, { only: kind, ...(cursor !== undefined && { cursor }) })
  // What had happened before is asked for by kind: among the newest there may be none of it.
  const asked = useQuery(kind === 'all' ? undefined : `history ${id} ${kind}`, () => page())
  const past = kind === 'all' ? live.past : asked.data
  const paged = usePaged(past && pageOf(past), async (cursor) => pageOf(await page(cursor)))
  const known = past?.events[0]?.id ?? 0
  const since = live.events.filter((told) => Number(told.id) > known && isOfKind(told.event, kind))
  const shown = [...paged.items.toReversed(), ...since]
  const total = (past?.total ?? 0) + since.length
  return (
    <>
      {shown.length === 0 ? (
        <Empty>{kind === 'all' ? 'Nothing has happened yet.' : `No ${kind} so far.`}</Empty>
      ) : (
        <EventList told={shown} stretches={stretches} gaps={kind === 'all'} />
      )}
      <LoadMore of={paged} shown={shown.length} total={total} what="events" />
      <NotKept of={past?.leftOut ?? []} />
    </>
  )
}

function pageOf({ events, nextCursor }: HistoryPage): { items: Told[]; nextCursor: string | null } {
  return { items: events.map(({ id, event }) => ({ id: `${id}`, event })), nextCursor }
}

/** What is no longer kept, in so many words. */
function NotKept({ of }: { of: readonly LeftOut[] }) {
  const zone = useZone()
  if (of.length === 0) return null
  return (
    <ul class="list small quiet not-kept">
      {of.map((one) => (
        <li key={one.alike ?? ''} class="long-text">
          {leftOutWords(one)}: {clock(one.from, zone)} to {clock(one.to, zone)}
        </li>
      ))}
    </ul>
  )
}
