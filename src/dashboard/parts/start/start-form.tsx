import { useState } from 'hono/jsx/dom'
import { useAction } from '../../state/action.ts'
import { client, type JobInfo } from '../../state/api.ts'
import { go } from '../../state/route.ts'
import { commandLine, fieldProblems, startOptions } from '../../forms/start-form.ts'
import { ProblemNotice } from '../notice.tsx'
import { InterruptFields, MoreFields, ParamFields } from './start-fields.tsx'

/** Everything a run may be started with. What the API refuses is shown where it belongs. */
export function StartForm({ job }: { job: JobInfo }) {
  const { start, busy, problem } = useStart(job)
  const [command, setCommand] = useState(commandLine(job, {}))
  const wrong = problem ? fieldProblems(job, problem) : {}
  const typed = (event: Event) => setCommand(commandLine(job, startOptions(job, formOf(event))))
  return (
    <form class="sheet form start" onSubmit={start} onInput={typed}>
      <h2>
        {job.name}{' '}
        <span class="badge plain">{job.style === 'iteration' ? 'iteration' : 'in steps'}</span>
      </h2>
      <ParamFields job={job} wrong={wrong} />
      <InterruptFields job={job} wrong={wrong} />
      <MoreFields wrong={wrong} />
      <ProblemNotice problem={problem} />
      <div class="row">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Starting…' : 'Start'}
        </button>
      </div>
      <div class="field">
        <span>The same by command</span>
        <code class="command">{command}</code>
      </div>
    </form>
  )
}

/** Starts a run with what the form says, and goes to it. */
function useStart(job: JobInfo) {
  const { act, busy, problem } = useAction()
  const start = (event: Event) => {
    event.preventDefault()
    const form = formOf(event)
    const key = form.get('idempotencyKey')
    act(async () => {
      const idempotencyKey = typeof key === 'string' && key !== '' ? key : undefined
      const run = await client.start(job.name, startOptions(job, form), { idempotencyKey })
      go(`/runs/${run.id}`)
    })
  }
  return { start, busy, problem }
}

function formOf({ currentTarget }: Event): FormData {
  return new FormData(currentTarget as HTMLFormElement)
}
