import { useState } from 'hono/jsx/dom'
import { api, Problem, type JobInfo, type ParamSchema } from '../api.ts'
import { Answer, ProblemNotice } from '../parts/notice.tsx'
import { useQuery } from '../query.ts'
import { go, type Route } from '../route.ts'

/** Starts a run: a form made of the job's params schema. */
export function StartView({ route }: { route: Route }) {
  const jobs = useQuery('jobs', api.jobs)
  const name = route.parts[1]
  return (
    <>
      <h1>Start a run</h1>
      <Answer of={jobs}>
        {(all) => {
          const job = all.find((one) => one.name === name)
          return (
            <>
              <label>
                Job{' '}
                <select
                  onChange={(event: Event) =>
                    go(`/start/${(event.target as HTMLSelectElement).value}`)
                  }
                >
                  <option value="">choose one</option>
                  {all.map((one) => (
                    <option key={one.name} value={one.name} selected={one.name === name}>
                      {one.name} ({one.style})
                    </option>
                  ))}
                </select>
              </label>
              {job ? <StartForm key={job.name} job={job} /> : null}
            </>
          )
        }}
      </Answer>
    </>
  )
}

function StartForm({ job }: { job: JobInfo }) {
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const fields = Object.entries(job.params?.properties ?? {})
  const start = async (event: Event) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    try {
      const params = Object.fromEntries(
        fields.flatMap(([name, schema]) => {
          const value = fieldValue(schema, form.get(`param:${name}`))
          return value === undefined ? [] : [[name, value]]
        }),
      )
      const interrupt = interruptOf(form)
      const run = await api.start(job.name, {
        params,
        ...(interrupt && { interrupt }),
        ...(form.get('hold') === 'on' && { hold: true }),
      })
      go(`/runs/${run.id}`)
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem('invalid_form', 0, String(error)))
    }
  }
  return (
    <form class="start" onSubmit={(event: Event) => void start(event)}>
      {fields.length === 0 ? <p class="quiet">This job takes no params.</p> : null}
      {fields.map(([name, schema]) => (
        <Field
          key={name}
          name={name}
          schema={schema}
          required={(job.params?.required ?? []).includes(name) && schema.default === undefined}
        />
      ))}
      <fieldset>
        <legend>Interrupt it</legend>
        <label>
          after items <input name="afterItems" inputMode="numeric" pattern="[0-9]*" />
        </label>
        <label>
          after seconds <input name="afterSeconds" inputMode="decimal" pattern="[0-9.]*" />
        </label>
        <label>
          just before <input name="at" placeholder={`${job.unit.replaceAll('/', ':42/')}:500`} />
        </label>
        <label class="tick">
          <input type="checkbox" name="hold" /> and hold it until it is resumed
        </label>
      </fieldset>
      <ProblemNotice problem={problem} />
      <button type="submit" class="primary">
        Start
      </button>
    </form>
  )
}

function Field({
  name,
  schema,
  required,
}: {
  name: string
  schema: ParamSchema
  required: boolean
}) {
  const id = `param:${name}`
  const hint = schema.description ?? ''
  const initial = schema.default === undefined ? '' : textOf(schema.default)
  return (
    <label>
      <span>
        {name}
        {required ? ' (required)' : ''}
      </span>{' '}
      {schema.enum ? (
        <select name={id} required={required}>
          <option value="">–</option>
          {schema.enum.map((value) => (
            <option key={String(value)} value={String(value)} selected={value === schema.default}>
              {String(value)}
            </option>
          ))}
        </select>
      ) : schema.type === 'boolean' ? (
        <input type="checkbox" name={id} checked={schema.default === true} />
      ) : (
        <input
          name={id}
          required={required}
          value={initial}
          {...(isNumber(schema) && { inputMode: 'numeric' })}
          placeholder={isPlain(schema) ? '' : 'JSON'}
        />
      )}
      {hint ? <small class="quiet">{hint}</small> : null}
    </label>
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isNumber({ type }: ParamSchema): boolean {
  return type === 'integer' || type === 'number'
}

function isPlain(schema: ParamSchema): boolean {
  return schema.type === 'string' || isNumber(schema) || schema.type === 'boolean'
}

function fieldValue(schema: ParamSchema, entry: FormDataEntryValue | null): unknown {
  if (schema.type === 'boolean') return entry === 'on'
  const text = typeof entry === 'string' ? entry : ''
  if (text === '') return undefined
  return schema.type === 'string' && !schema.enum ? text : jsonOr(text)
}

/** The API says what is wrong with a text where JSON was meant. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function interruptOf(form: FormData): object | undefined {
  const [items, seconds, at] = ['afterItems', 'afterSeconds', 'at'].map((name) => form.get(name))
  const given = {
    ...(items && { afterItems: Number(items) }),
    ...(seconds && { afterMs: Number(seconds) * 1_000 }),
    ...(at && { at }),
  }
  return Object.keys(given).length > 0 ? given : undefined
}
