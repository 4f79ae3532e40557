import type { ParamSchema } from '../api.ts'
import { fieldName, isNumber, isPlain } from '../start-form.ts'

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

/** A field for one param, by its JSON Schema; what no plain field can hold is typed as JSON. */
export function ParamField({
  name,
  schema,
  secret,
  required,
  problem,
}: {
  name: string
  schema: ParamSchema
  secret: boolean
  required: boolean
  problem: string | undefined
}) {
  const id = fieldName(name)
  const hint = hintOf(schema)
  if (schema.type === 'boolean') {
    return (
      <div class="field">
        <label class="tick">
          <input type="checkbox" name={id} checked={schema.default === true} /> {name}
        </label>
        <Under name={id} hint={hint} problem={problem} />
      </div>
    )
  }
  if (schema.enum) {
    return (
      <label class="field">
        <span>{name}</span>
        <select name={id} required={required}>
          <option value="">–</option>
          {schema.enum.map((value) => (
            <option
              key={String(value)}
              value={JSON.stringify(value)}
              selected={value === schema.default}
            >
              {String(value)}
            </option>
          ))}
        </select>
        <Under name={id} hint={hint} problem={problem} />
      </label>
    )
  }
  return (
    <Field
      name={id}
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

/** What the schema says of a param: its description, or else its type and bounds. */
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
