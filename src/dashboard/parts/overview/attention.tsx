import { client, type Overview } from '../../state/api.ts'
import { useAction } from '../../state/action.ts'
import { useMay } from '../../state/session.tsx'
import { Empty, ProblemNotice } from '../notice.tsx'
import { Badge } from '../status.tsx'
import { href } from '../../state/base.ts'

/** The runs that somebody should look at: those that failed, stall, or say so themselves. */
export function Attention({
  items,
  onDone,
}: {
  items: Overview['needsAttention']
  onDone: () => void
}) {
  const may = useMay()
  const { act, busy, problem } = useAction(onDone)
  if (items.length === 0) return <Empty>All is well.</Empty>
  return (
    <>
      <ProblemNotice problem={problem} />
      <ul class="list">
        {items.map(({ run, job, status, problem: words, kind, alert }) => (
          <li key={`${run} ${kind ?? ''}`}>
            <div class="head">
              <a href={href(`/runs/${run}`)} class="strong">
                {job}
              </a>
              <Badge tone={status}>{kindWords(kind ?? status)}</Badge>
            </div>
            <p class="small">{words}</p>
            {alert !== undefined && may('operator') ? (
              <button
                type="button"
                class="small"
                disabled={busy}
                onClick={() => act(() => client.dismiss(alert))}
              >
                Dismiss<span class="unseen"> the alert about {job}</span>
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  )
}

/** `over its skip rate` for `skip_rate`. */
export function kindWords(kind: string): string {
  const words: Record<string, string> = {
    skip_rate: 'over its skip rate',
    budget: 'over its budget',
    attention: 'look at it',
  }
  return words[kind] ?? kind.replaceAll('_', ' ')
}
