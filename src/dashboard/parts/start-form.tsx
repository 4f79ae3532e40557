import { useState } from 'hono/jsx/dom'
import { useAction } from '../action.ts'
import { client, type JobInfo } from '../api.ts'
import { go } from '../route.ts'
import {
  commandLine,
  fieldName,
  fieldProblems,
  isSensitive,
  paramFields,
  startOptions,
} from '../start-form.ts'
import { Field, ParamField } from './fields.tsx'
import { ProblemNotice } from './notice.tsx'

/** Everything a run may be started with. What the API refuses is shown where it belongs. */
export function StartForm({ job }: { job: JobInfo }) {
  const { act, busy, problem } = useAction()
  const [command, setCommand] = useState(commandLine(job, {}))
  const wrong = problem ? fieldProblems(job, problem) : {}
  const required = job.params?.required ?? []
  const typed = (event: Event) => {
    const form = new FormData(event.currentTarget as HTMLFormElement)
    setCommand(commandLine(job, startOptions(job, form)))
  }
  const start = (event: Event) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const key = form.get('idempotencyKey')
    act(async () => {
      const idempotencyKey = typeof key === 'string' && key !== '' ? key : undefined
      const run = await client.start(job.name, startOptions(job, form), { idempotencyKey })
      go(`/runs/${run.id}`)
    })
  }
  const fields = paramFields(job)
  return (
    <form class="sheet form start" onSubmit={start} onInput={typed}>
      <h2>
        {job.name}{' '}
        <span class="badge plain">{job.style === 'iteration' ? 'iteration' : 'in steps'}</span>
      </h2>
      {fields.length === 0 ? <p class="quiet">This job takes no params.</p> : null}
      <div class="fields">
        {fields.map(([name, schema]) => (
          <ParamField
            key={name}
            name={name}
            schema={schema}
            secret={isSensitive(job, name)}
            required={required.includes(name) && schema.default === undefined}
            problem={wrong[fieldName(name)]}
          />
        ))}
      </div>
      <details class="more">
        <summary>Interrupt it on purpose</summary>
        <div class="fields">
          <Field
            name="afterItems"
            words="After items"
            problem={wrong['afterItems']}
            inputMode="numeric"
          />
          <Field
            name="afterSeconds"
            words="After seconds"
            problem={wrong['afterSeconds']}
            inputMode="decimal"
          />
          <Field
            name="at"
            words="Just before"
            placeholder={`${job.unit.replaceAll('/', ':42/')}:500`}
            problem={wrong['at']}
          />
        </div>
        <label class="tick">
          <input type="checkbox" name="hold" /> and hold it until somebody resumes it
        </label>
      </details>
      <details class="more">
        <summary>More</summary>
        <div class="fields">
          <Field
            name="labels"
            words="Labels"
            placeholder="campaign:spring, region:North"
            problem={wrong['labels']}
            hint="To find it by later"
          />
          <Field
            name="idempotencyKey"
            words="Idempotency key"
            problem={wrong['idempotencyKey']}
            hint="The same key starts one run only"
          />
          <Field
            name="wait"
            words="Wait before it begins"
            placeholder="5 minutes"
            problem={wrong['wait']}
          />
          <Field
            name="everyItems"
            words="Commit every … items"
            problem={wrong['everyItems']}
            inputMode="numeric"
            hint="Instead of the job's own policy"
          />
          <Field
            name="everyMs"
            words="Commit every … ms"
            problem={wrong['everyMs']}
            inputMode="numeric"
          />
        </div>
      </details>
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
