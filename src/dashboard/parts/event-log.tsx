import type { Told } from '../live.ts'

/** The newest events, the newest first. */
export function EventList({ events }: { events: readonly Told[] }) {
  if (events.length === 0) return <p class="quiet">Nothing has happened yet.</p>
  return (
    <ol class="events" tabIndex={0} aria-label="Events, the newest first">
      {events
        .slice(-100)
        .toReversed()
        .map(({ id, event }) => {
          const { type, at, run: _run, job: _job, fence, ...rest } = event
          return (
            <li key={id}>
              <time dateTime={at}>{at.slice(11, 23)}</time> <strong>{type}</strong>{' '}
              <span class="quiet">fence {fence}</span> <code>{JSON.stringify(rest)}</code>
            </li>
          )
        })}
    </ol>
  )
}
