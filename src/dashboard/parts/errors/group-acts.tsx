import { useState } from 'hono/jsx/dom'
import { useAction } from '../../state/action.ts'
import { client, type ErrorGroup } from '../../state/api.ts'
import { go } from '../../state/route.ts'
import { useMay } from '../../state/session.tsx'
import { useZone } from '../../state/zone.ts'
import { instantOf, zoneName } from '../../words/times.ts'
import { count } from '../../words/words.ts'
import { confirmed } from '../confirm.tsx'
import { ProblemNotice } from '../notice.tsx'

/** What can be done about a group; not there for who may not. */
export function GroupActs({ group, onDone }: { group: ErrorGroup; onDone: () => void }) {
  const may = useMay()
  const { act, busy, problem } = useAction(onDone)
  if (!may('operator')) return null
  const { id, failed, state, job, error } = group
  const name = <span class="unseen"> of {`${job} ${error}`}</span>
  return (
    <div
      class="row small acts"
      data-commands
      role="group"
      aria-label={`What to do about ${job} ${error}`}
    >
      {failed > 0 ? (
        <button type="button" class="small" disabled={busy} onClick={() => void retry(group, act)}>
          Retry all ({count(failed)}){name}
        </button>
      ) : null}
      {state === 'open' ? (
        <button
          type="button"
          class="small"
          disabled={busy}
          onClick={() => act(() => client.dismissError(id))}
        >
          Dismiss{name}
        </button>
      ) : null}
      {state === 'muted' ? (
        <button
          type="button"
          class="small"
          disabled={busy}
          onClick={() => act(() => client.unmuteError(id))}
        >
          Unmute{name}
        </button>
      ) : (
        <Mute
          name={`${job} ${error}`}
          busy={busy}
          onMute={(until) => act(() => client.muteError(id, until))}
        />
      )}
      <ProblemNotice problem={problem} />
    </div>
  )
}

async function retry(
  { id, failed, message }: ErrorGroup,
  act: (what: () => Promise<unknown>) => void,
): Promise<void> {
  const runs = failed === 1 ? 'the run' : `all ${count(failed)} runs`
  const yes = await confirmed({
    title: `Retry ${runs}?`,
    text: `Each goes on from its checkpoint. They failed with: ${shortened(message)}. A run of its own will do it, and can itself be watched and cancelled.`,
    action: 'Retry',
  })
  if (yes) act(async () => go(`/runs/${(await client.retryError(id)).id}`))
}

function shortened(message: string): string {
  return message.length > 200 ? `${message.slice(0, 200)}…` : message
}

const FOR = { '1h': '1 hour', '8h': '8 hours', '1d': '1 day', '7d': '1 week' }

/** For how long, or until when. */
function Mute({
  name,
  busy,
  onMute,
}: {
  name: string
  busy: boolean
  onMute: (until: string) => void
}) {
  const [asking, setAsking] = useState(false)
  const pick = (event: Event) => {
    const select = event.target as HTMLSelectElement
    const { value } = select
    select.value = ''
    setAsking(value === 'until')
    if (value !== '' && value !== 'until') onMute(value)
  }
  return (
    <>
      <select class="small" aria-label={`Mute ${name}`} disabled={busy} onChange={pick}>
        <option value="">Mute…</option>
        {Object.entries(FOR).map(([value, words]) => (
          <option key={value} value={value}>
            for {words}
          </option>
        ))}
        <option value="until">until…</option>
      </select>
      {asking ? (
        <Until
          busy={busy}
          onMute={(until) => {
            setAsking(false)
            onMute(until)
          }}
        />
      ) : null}
    </>
  )
}

function Until({ busy, onMute }: { busy: boolean; onMute: (until: string) => void }) {
  const zone = useZone()
  const mute = (event: Event) => {
    event.preventDefault()
    const until = new FormData(event.currentTarget as HTMLFormElement).get('until')
    const instant = typeof until === 'string' ? instantOf(until, zone) : ''
    if (instant !== '') onMute(instant)
  }
  return (
    <form class="row small" onSubmit={mute}>
      <label class="row">
        <span>Until, {zoneName(zone)}</span>
        <input name="until" type="datetime-local" required />
      </label>
      <button type="submit" class="small" disabled={busy}>
        Mute
      </button>
    </form>
  )
}
