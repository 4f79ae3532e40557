import type { ParamSchema } from '../../state/api.ts'
import { fieldName, isNumber, isPlain } from '../../forms/start-form.ts'

interface FieldProps {
  name: string
  words: string
  problem: string | undefined
  hint?: string
  placeholder?: string
  inputMode?: 'numeric' | 'decimal'
  type?: 'text' | 'password'
  required?: boolean
  value?: string
}

/** A labelled text field, with what is wrong about it beneath. */
export function Field({ name, words, problem, hint, ...input }: FieldProps) {
  return (
    <label class="field">
      <span>
        {words}
        {input.required ? <span class="quiet"> required</span> : null}
      </span>
      <input
        name={name}
        autocomplete="off"
        {...input}
        {...(problem !== undefined && {
          'aria-invalid': 'true',
          'aria-describedby': `${name}-problem`,
        })}
      />
      <Under name={name} hint={hint} problem={problem} />
    </label>
  )
}

interface ParamProps {
  name: string
  schema: ParamSchema
  secret: boolean
  required: boolean
  problem: string | undefined
}

/** A field for one param, by its JSON Schema. */
export function ParamField(param: ParamProps) {
  if (param.schema.type === 'boolean') return <TickParam {...param} />
  if (param.schema.enum) return <ChoiceParam {...param} values={param.schema.enum} />
  return <TextParam {...param} />
}

function TickParam({ name, schema, problem }: ParamProps) {
  const id = fieldName(name)
  return (
    <div class="field">
      <label class="tick">
        <input type="checkbox" name={id} checked={schema.default === true} /> {name}
      </label>
      <Under name={id} hint={hintOf(schema)} problem={problem} />
    </div>
  )
}

function ChoiceParam({
  name,
  schema,
  values,
  required,
  problem,
}: ParamProps & { values: NonNullable<ParamSchema['enum']> }) {
  const id = fieldName(name)
  return (
    <label class="field">
      <span>{name}</span>
      <select name={id} required={required}>
        <option value="">–</option>
        {values.map((value) => (
          <option
            key={String(value)}
            value={JSON.stringify(value)}
            selected={value === schema.default}
          >
            {String(value)}
          </option>
        ))}
      </select>
      <Under name={id} hint={hintOf(schema)} problem={problem} />
    </label>
  )
}

/** What no plain field can hold is typed as JSON. */
function TextParam({ name, schema, secret, required, problem }: ParamProps) {
  const hint = hintOf(schema)
  return (
    <Field
      name={fieldName(name)}
      words={name}
      problem={problem}
      required={required}
      type={secret ? 'password' : 'text'}
      value={schema.default === undefined ? '' : textOf(schema.default)}
      placeholder={isPlain(schema) ? '' : 'JSON'}
      {...(hint !== undefined && { hint })}
      {...(isNumber(schema) && { inputMode: 'numeric' as const })}
    />
  )
}

function Under({
  name,
  hint,
  problem,
}: {
  name: string
  hint: string | undefined
  problem: string | undefined
}) {
  if (problem !== undefined) {
    return (
      <span class="field-problem" id={`${name}-problem`}>
        {problem}
      </span>
    )
  }
  return hint === undefined ? null : <small class="quiet">{hint}</small>
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The hint in the schema of a param: its description, or else its type and bounds. */
function hintOf(schema: ParamSchema): string | undefined {
  if (schema.description) return schema.description
  const { type, format, minimum, exclusiveMinimum } = schema
  const least = typeof exclusiveMinimum === 'number' ? `more than ${exclusiveMinimum}` : minimum
  const parts = [
    format ?? (Array.isArray(type) ? type.join(' or ') : type),
    ...(least === undefined ? [] : [typeof least === 'number' ? `at least ${least}` : least]),
  ]
  return parts.filter(Boolean).join(', ') || undefined
}
