import { numberProblem } from '../../engine/enumerators/json-value.ts'
import { isRecord } from '../../engine/record.ts'
import type { JobInfo, ParamSchema, StartOptions } from '../state/api.ts'

/** The typed-in form of a run's start, made into a request to the API. */

export const fieldName = (param: string): string => `param:${param}`

export function paramFields({ params }: JobInfo): [string, ParamSchema][] {
  return Object.entries(params?.properties ?? {})
}

/** True for a param that is never to be shown, whole or in part. */
export function isSensitive({ sensitive = [] }: JobInfo, param: string): boolean {
  return sensitive.some((path) => path === param || path.startsWith(`${param}.`))
}

export function isNumber({ type }: ParamSchema): boolean {
  return type === 'integer' || type === 'number'
}

/** The kinds of fields that a param may have. */
export type FieldKind = 'tick' | 'choice' | 'day' | 'time' | 'area' | 'line'

/** So much fits a line. */
const LINE = 80

/** The field for a param, by its schema and by what it begins with. */
export function fieldKind(schema: ParamSchema, initial: string): FieldKind {
  if (schema.enum) return 'choice'
  if (schema.type === 'boolean') return 'tick'
  if (schema.type === 'string') {
    if (schema.format === 'date' && isOrEmpty(initial, DAY)) return 'day'
    if (schema.format === 'date-time' && isOrEmpty(initial, UTC_TIME)) return 'time'
    return isLong(schema, initial) ? 'area' : 'line'
  }
  return isNumber(schema) ? 'line' : 'area'
}

const DAY = /^\d{4}-\d\d-\d\d$/
/** A time that a browser's own field can show. */
const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/

function isOrEmpty(text: string, form: RegExp): boolean {
  return text === '' || form.test(text)
}

function isLong({ maxLength }: ParamSchema, initial: string): boolean {
  return initial.length > LINE || initial.includes('\n') || Number(maxLength) > 4 * LINE
}

/** A value as a field shows it: a text as it is, anything else as JSON, on lines of its own where there is room. */
export function fieldText(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value, null, 2)
    : JSON.stringify(value)
}

export function startOptions(job: JobInfo, form: FormData): StartOptions {
  const text = (name: string) => textOf(form.get(name))
  const number = (name: string) => (text(name) === '' ? undefined : Number(text(name)))
  const seconds = number('afterSeconds')
  const interrupt = given({
    afterItems: number('afterItems'),
    afterMs: seconds === undefined ? undefined : seconds * 1_000,
    at: text('at') || undefined,
  })
  const commit = given({ everyItems: number('everyItems'), everyMs: number('everyMs') })
  return {
    params: job.params === null ? anyParams(text(ANY_PARAMS)) : typedParams(job, form),
    ...(interrupt && { interrupt }),
    ...(commit && { commit }),
    ...(number('lanes') !== undefined && { lanes: number('lanes') }),
    ...(form.get('hold') === 'on' && { hold: true }),
    ...(text('wait') && { wait: text('wait') }),
    ...(text('labels') && { labels: labelsOf(text('labels')) }),
  }
}

/** The one field of a job whose validator does not say what it takes. */
export const ANY_PARAMS = 'params'

/** What is no JSON object the API refuses: it is handed on under the field's name. */
function anyParams(text: string): Record<string, unknown> {
  const params = text === '' ? {} : jsonOr(text)
  return isRecord(params) ? params : { [ANY_PARAMS]: params }
}

function typedParams(job: JobInfo, form: FormData): Record<string, unknown> {
  return Object.fromEntries(
    paramFields(job).flatMap(([name, schema]) => {
      const value = paramValue(schema, form.get(fieldName(name)))
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function paramValue(schema: ParamSchema, entry: File | string | null): unknown {
  if (schema.type === 'boolean') return entry === 'on'
  const text = textOf(entry)
  if (text === '') return undefined
  if (schema.type !== 'string' || schema.enum) return jsonOr(text)
  // A browser's field for a time has no zone; the form says that it is UTC.
  return schema.format === 'date-time' && UTC_TIME.test(`${text}Z`) ? `${text}Z` : text
}

/** The API says what is wrong with a text where JSON was meant, and with one whose digits a number would lose. */
function jsonOr(text: string): unknown {
  try {
    return numberProblem(text) === undefined ? JSON.parse(text) : text
  } catch {
    return text
  }
}

/** `campaign:spring, region:North`; what has no colon is a name without a value, which the API refuses. */
function labelsOf(text: string): Record<string, string> {
  const parts = text.split(',').map((part) => part.trim())
  return Object.fromEntries(
    parts.filter(Boolean).map((part) => {
      const [name = '', ...value] = part.split(':')
      return [name.trim(), value.join(':').trim()]
    }),
  )
}

function given<T extends object>(object: T): { [K in keyof T]?: NonNullable<T[K]> } | undefined {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return entries.length === 0
    ? undefined
    : (Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> })
}

function textOf(entry: File | string | null): string {
  return typeof entry === 'string' ? entry.trim() : ''
}

/** The names of the form's other fields in the API's problems. */
const OPTIONS: Record<string, RegExp> = {
  afterItems: /interrupt\.afterItems/,
  afterSeconds: /interrupt\.afterMs/,
  at: /interrupt\.at\b/,
  lanes: /\blanes\b/,
  everyItems: /commit\.everyItems/,
  everyMs: /commit\.everyMs/,
  wait: /\bwait\b|^Duration /,
  labels: /\blabels?\b/,
  idempotencyKey: /idempotency-key/i,
}

/** A problem by the field of the form where it belongs: the API's words by the field's name. */
export function fieldProblems(job: JobInfo, { code, message }: { code: string; message: string }) {
  const found: Record<string, string> = {}
  if (code === 'invalid_params') {
    if (job.params === null) return { [ANY_PARAMS]: message }
    const parts = message.replace(/^Params of job '[^']*' are not valid: /, '').split('; ')
    for (const [name] of paramFields(job)) {
      const part = parts.find(
        (one) => one === name || (/^[.:[]/.test(one.slice(name.length)) && one.startsWith(name)),
      )
      if (part) found[fieldName(name)] = part
    }
  } else {
    for (const [name, pattern] of Object.entries(OPTIONS)) {
      if (pattern.test(message)) found[name] = message
    }
  }
  return found
}
