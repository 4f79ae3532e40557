import { useAction, type Action } from '../../state/action.ts'
import { client, type Alert } from '../../state/api.ts'
import { useMay } from '../../state/session.tsx'
import { kindWords } from '../overview/attention.tsx'
import { LongText } from '../long-text.tsx'
import { ProblemNotice } from '../notice.tsx'
import { href } from '../../state/base.ts'
import { count } from '../../words/words.ts'
import { RunLink, When } from '../status.tsx'

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
  const action = useAction(onDone)
  return (
    <>
      <ProblemNotice problem={action.problem} />
      <ul class="list">
        {alerts.map((alert) => (
          <li key={alert.id} class="alert">
            <AlertHead alert={alert} ofRun={ofRun} />
            <p class="small">
              <LongText text={alert.message} />
            </p>
            {alert.clearedAt === null && may('operator') ? (
              <Dismiss alert={alert} action={action} />
            ) : null}
          </li>
        ))}
      </ul>
    </>
  )
}

function AlertHead({ alert, ofRun }: { alert: Alert; ofRun: boolean }) {
  const { kind, raisedAt, clearedAt } = alert
  return (
    <div class="head">
      <span class="row">
        <span class={`badge tone-${clearedAt === null ? toneOf(kind) : 'queued'}`}>
          {kindWords(kind)}
        </span>
        {ofRun ? null : (
          <strong>
            <About alert={alert} />
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
  )
}

function About({ alert: { run, schedule, job, group } }: { alert: Alert }) {
  if (group) {
    return (
      <>
        <a href={href(`/errors/${group.id}`)}>{job}</a>{' '}
        <span class="quiet">{group.failed === 1 ? '1 run' : `${count(group.failed)} runs`}</span>
      </>
    )
  }
  return run === null ? <>{schedule}</> : <RunLink id={run}>{job}</RunLink>
}

function Dismiss({
  alert: { id, kind, job, schedule },
  action: { act, busy },
}: {
  alert: Alert
  action: Action
}) {
  return (
    <button
      type="button"
      class="small"
      disabled={busy}
      onClick={() => act(() => client.dismiss(id))}
    >
      Dismiss
      <span class="unseen">
        {' '}
        the alert {kindWords(kind)} of {schedule ?? job}
      </span>
    </button>
  )
}

function toneOf(kind: string): string {
  return ['failed', 'attention', 'schedule_failed'].includes(kind) ? 'failed' : 'interrupted'
}
