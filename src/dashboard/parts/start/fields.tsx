import { hintOf } from '../../forms/param-hint.ts'
import type { ParamSchema } from '../../state/api.ts'
import { fieldKind, fieldName, fieldText, isNumber } from '../../forms/start-form.ts'

interface FieldProps {
  name: string
  words: string
  problem: string | undefined
  hint?: string
  placeholder?: string
  inputMode?: 'numeric' | 'decimal'
  type?: 'text' | 'password' | 'date' | 'datetime-local'
  step?: string
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

type AreaProps = Pick<FieldProps, 'name' | 'words' | 'problem' | 'hint' | 'required' | 'value'>

/** The same for what may have several lines. */
export function Area({ name, words, problem, hint, required = false, value = '' }: AreaProps) {
  return (
    <label class="field wide">
      <span>
        {words}
        {required ? <span class="quiet"> required</span> : null}
      </span>
      <textarea
        name={name}
        rows={Math.min(12, Math.max(3, value.split('\n').length))}
        spellcheck={false}
        required={required}
        {...(problem !== undefined && {
          'aria-invalid': 'true',
          'aria-describedby': `${name}-problem`,
        })}
      >
        {value}
      </textarea>
      <Under name={name} hint={hint} problem={problem} />
    </label>
  )
}

interface ParamProps {
  name: string
  schema: ParamSchema
  /** What it begins with; undefined: as the schema says. */
  initial: unknown
  secret: boolean
  required: boolean
  problem: string | undefined
}

/** A field for one param, by its JSON Schema. */
export function ParamField(param: ParamProps) {
  const { schema, secret } = param
  const initial = param.initial ?? schema.default
  const kind = secret && schema.type === 'string' ? 'line' : fieldKind(schema, fieldText(initial))
  if (kind === 'tick') return <TickParam {...param} initial={initial} />
  if (kind === 'choice')
    return <ChoiceParam {...param} initial={initial} values={schema.enum ?? []} />
  return <TextParam {...param} initial={initial} kind={kind} />
}

function TickParam({ name, schema, initial, problem }: ParamProps) {
  const id = fieldName(name)
  return (
    <div class="field">
      <label class="tick">
        <input type="checkbox" name={id} checked={initial === true} /> {name}
      </label>
      <Under name={id} hint={hintOf(schema)} problem={problem} />
    </div>
  )
}

function ChoiceParam({
  name,
  schema,
  initial,
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
          <option key={String(value)} value={JSON.stringify(value)} selected={value === initial}>
            {String(value)}
          </option>
        ))}
      </select>
      <Under name={id} hint={hintOf(schema)} problem={problem} />
    </label>
  )
}

/** The kinds of fields that hold a text. */
type TextKind = Exclude<ReturnType<typeof fieldKind>, 'tick' | 'choice'>

/** A browser's field for a time knows no zone. */
const TYPES = { line: 'text', day: 'date', time: 'datetime-local' } as const

/** What no plain field can hold is typed as JSON. */
function TextParam({
  name,
  schema,
  initial,
  kind,
  secret,
  required,
  problem,
}: ParamProps & { kind: TextKind }) {
  const text = fieldText(initial)
  const json = kind === 'area' && schema.type !== 'string'
  const hint = [json ? 'JSON' : '', kind === 'time' ? 'UTC' : '', hintOf(schema) ?? '']
  const common = {
    name: fieldName(name),
    words: name,
    problem,
    required,
    hint: hint.filter(Boolean).join(', '),
  }
  if (kind === 'area') return <Area {...common} value={text} />
  return (
    <Field
      {...common}
      type={secret ? 'password' : TYPES[kind]}
      value={kind === 'time' ? text.replace(/Z$/, '') : text}
      {...(kind === 'time' && { step: '0.001' })}
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
  return hint === undefined || hint === '' ? null : <small class="quiet">{hint}</small>
}
