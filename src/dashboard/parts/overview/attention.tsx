import { client, type Overview } from '../../state/api.ts'
import { useAction } from '../../state/action.ts'
import { useMay } from '../../state/session.tsx'
import { LongText } from '../long-text.tsx'
import { Empty, ProblemNotice } from '../notice.tsx'
import { Badge, When } from '../status.tsx'
import { Group } from '../errors/group-list.tsx'
import { href } from '../../state/base.ts'

/** What somebody should look at: errors that runs failed with, runs that stall or say so themselves, and schedules that start none. */
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
        {items.map(({ run, job, status, schedule, problem: words, kind, alert, at, group }) =>
          group ? (
            <li key={group.id} class="alert">
              <Group group={group} onDone={onDone} />
            </li>
          ) : (
            <li key={`${run ?? schedule} ${kind ?? ''}`}>
              <div class="head">
                {run === null ? (
                  <span class="strong">{schedule}</span>
                ) : (
                  <a href={href(`/runs/${run}`)} class="strong">
                    {job}
                  </a>
                )}
                <Badge tone={status ?? 'failed'}>{kindWords(kind ?? status)}</Badge>
              </div>
              <p class="small">
                <LongText text={words} />{' '}
                <span class="quiet">
                  since <When at={at} />
                </span>
              </p>
              {alert !== undefined && may('operator') ? (
                <button
                  type="button"
                  class="small"
                  disabled={busy}
                  onClick={() => act(() => client.dismiss(alert))}
                >
                  Dismiss<span class="unseen"> the alert about {schedule ?? job}</span>
                </button>
              ) : null}
            </li>
          ),
        )}
      </ul>
    </>
  )
}

/** `over its skip rate` for `skip_rate`. */
export function kindWords(kind: string): string {
  const words: Record<string, string> = {
    slow: 'slower than usual',
    skip_rate: 'over its skip rate',
    budget: 'over its budget',
    attention: 'look at it',
    schedule_failed: 'schedule does not run',
  }
  return words[kind] ?? kind.replaceAll('_', ' ')
}
