import { useAction } from '../action.ts'
import { client, type Alert } from '../api.ts'
import { useMay } from '../session.tsx'
import { kindWords } from './attention.tsx'
import { ProblemNotice } from './notice.tsx'
import { RunLink, When } from './status.tsx'

/** Alerts, each with what it is about; those that are open can be dismissed. */
export function AlertList({
  alerts,
  onDone,
  ofRun = false,
}: {
  alerts: readonly Alert[]
  onDone: () => void
  ofRun?: boolean
}) {
  const may = useMay()
  const { act, busy, problem } = useAction(onDone)
  return (
    <>
      <ProblemNotice problem={problem} />
      <ul class="list">
        {alerts.map(({ id, run, job, kind, message, raisedAt, clearedAt }) => (
          <li key={id} class="alert">
            <div class="head">
              <span class="row">
                <span class={`badge tone-${clearedAt === null ? toneOf(kind) : 'queued'}`}>
                  {kindWords(kind)}
                </span>
                {ofRun ? null : (
                  <strong>
                    <RunLink id={run}>{job}</RunLink>
                  </strong>
                )}
              </span>
              <span class="small quiet">
                <When at={raisedAt} />
                {clearedAt === null ? null : (
                  <>
                    , cleared <When at={clearedAt} />
                  </>
                )}
              </span>
            </div>
            <p class="small">{message}</p>
            {clearedAt === null && may('operator') ? (
              <button
                type="button"
                class="small"
                disabled={busy}
                onClick={() => act(() => client.dismiss(id))}
              >
                Dismiss
                <span class="unseen">
                  {' '}
                  the alert {kindWords(kind)} of {job}
                </span>
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  )
}

function toneOf(kind: string): string {
  return kind === 'failed' || kind === 'attention' ? 'failed' : 'interrupted'
}
