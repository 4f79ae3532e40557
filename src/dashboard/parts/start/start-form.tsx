import { useState } from 'hono/jsx/dom'
import { commandLine } from '../../forms/command-line.ts'
import type { Prefill } from '../../forms/prefill.ts'
import { fieldProblems, startOptions } from '../../forms/start-form.ts'
import { useAction } from '../../state/action.ts'
import { client, type JobInfo } from '../../state/api.ts'
import { base } from '../../state/base.ts'
import { go } from '../../state/route.ts'
import { Copy } from '../copy.tsx'
import { ProblemNotice } from '../notice.tsx'
import { InterruptFields, MoreFields, ParamFields } from './start-fields.tsx'

/** Everything a run may be started with. What the API refuses is shown where it belongs. */
export function StartForm({ job, prefill }: { job: JobInfo; prefill: Prefill }) {
  const { start, busy, problem } = useStart(job)
  const [command, setCommand] = useState(() => commandLine(job, prefill, HERE))
  const wrong = problem ? fieldProblems(job, problem) : {}
  const typed = ({ currentTarget }: Event) =>
    setCommand(commandOf(job, new FormData(currentTarget as HTMLFormElement)))
  return (
    <form class="sheet form start" onSubmit={start} onInput={typed}>
      <h2>
        {job.name}{' '}
        <span class="badge plain">{job.style === 'iteration' ? 'iteration' : 'in steps'}</span>
      </h2>
      <ParamFields job={job} prefill={prefill} wrong={wrong} />
      <InterruptFields job={job} wrong={wrong} />
      <MoreFields prefill={prefill} wrong={wrong} />
      <ProblemNotice problem={problem} />
      <div class="row">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Starting…' : 'Start'}
        </button>
      </div>
      <div class="field">
        <span class="row">
          The same by command <Copy text={command} />
        </span>
        <code class="command">{command}</code>
      </div>
    </form>
  )
}

function commandOf(job: JobInfo, form: FormData): string {
  return commandLine(job, startOptions(job, form), {
    ...HERE,
    idempotencyKey: keyOf(form),
  })
}

/** Where the API is, and how the command is typed there: at the root of an origin it is this repository's own shop. */
const HERE = {
  url: location.origin + base,
  program: base === '' ? 'npm run dogear --' : 'npx dogear',
}

function keyOf(form: FormData): string {
  const key = form.get('idempotencyKey')
  return typeof key === 'string' ? key : ''
}

/** Starts a run with what the form says, and goes to it. */
function useStart(job: JobInfo) {
  const { act, busy, problem } = useAction()
  const start = (event: Event) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const key = keyOf(form)
    act(async () => {
      const idempotencyKey = key === '' ? undefined : key
      const run = await client.start(job.name, startOptions(job, form), { idempotencyKey })
      go(`/runs/${run.id}`)
    })
  }
  return { start, busy, problem }
}
