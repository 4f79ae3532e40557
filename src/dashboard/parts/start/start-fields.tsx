import type { JobInfo } from '../../state/api.ts'
import {
  ANY_PARAMS,
  fieldName,
  fieldText,
  isSensitive,
  paramFields,
} from '../../forms/start-form.ts'
import type { Prefill } from '../../forms/prefill.ts'
import { Area, Field, ParamField } from './fields.tsx'

/** The API's words by the name of the field that they belong to. */
type Wrong = Readonly<Record<string, string>>

/** A field for each of the job's params. */
export function ParamFields({
  job,
  prefill: { params, askedAgain },
  wrong,
}: {
  job: JobInfo
  prefill: Prefill
  wrong: Wrong
}) {
  const fields = paramFields(job)
  const required = job.params?.required ?? []
  if (job.params === null) {
    const begins = Object.keys(params).length === 0 ? '' : fieldText(params)
    return (
      <Area
        name={ANY_PARAMS}
        words="Params"
        value={begins}
        problem={wrong[ANY_PARAMS]}
        hint="A JSON object; this job's validator does not say what it takes"
      />
    )
  }
  return (
    <>
      {fields.length === 0 ? <p class="quiet">This job takes no params.</p> : null}
      {askedAgain.length === 0 ? null : (
        <p class="quiet">
          {askedAgain.join(', ')}: never shown, so to be typed again where the run had it.
        </p>
      )}
      <div class="fields">
        {fields.map(([name, schema]) => (
          <ParamField
            key={name}
            name={name}
            schema={schema}
            initial={params[name]}
            secret={isSensitive(job, name)}
            required={required.includes(name) && schema.default === undefined}
            problem={wrong[fieldName(name)]}
          />
        ))}
      </div>
    </>
  )
}

/** The fields that say where the run interrupts itself. */
export function InterruptFields({ job, wrong }: { job: JobInfo; wrong: Wrong }) {
  return (
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
  )
}

/** The fields that few starts need. */
export function MoreFields({
  prefill: { labels, commit },
  wrong,
}: {
  prefill: Prefill
  wrong: Wrong
}) {
  const given = Object.entries(labels).map(([name, value]) => `${name}:${value}`)
  const begins = given.length > 0 || Object.keys(commit).length > 0
  return (
    <details class="more" open={begins}>
      <summary>More</summary>
      <div class="fields">
        <Field
          name="labels"
          words="Labels"
          placeholder="campaign:spring, region:North"
          value={given.join(', ')}
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
          name="lanes"
          words="Lanes"
          problem={wrong['lanes']}
          inputMode="numeric"
          hint="Parts of an iteration's walk that are worked at once"
        />
        <Field
          name="everyItems"
          words="Commit every … items"
          problem={wrong['everyItems']}
          value={textOf(commit.everyItems)}
          inputMode="numeric"
          hint="Instead of the job's own policy"
        />
        <Field
          name="everyMs"
          words="Commit every … ms"
          problem={wrong['everyMs']}
          value={textOf(commit.everyMs)}
          inputMode="numeric"
        />
      </div>
    </details>
  )
}

function textOf(number: number | undefined): string {
  return number === undefined ? '' : String(number)
}
