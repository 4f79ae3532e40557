import { numberProblem } from '../../engine/enumerators/json-value.ts'
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

export function isPlain(schema: ParamSchema): boolean {
  return schema.type === 'string' || isNumber(schema) || schema.type === 'boolean'
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
    params: Object.fromEntries(
      paramFields(job).flatMap(([name, schema]) => {
        const value = paramValue(schema, form.get(fieldName(name)))
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    ...(interrupt && { interrupt }),
    ...(commit && { commit }),
    ...(form.get('hold') === 'on' && { hold: true }),
    ...(text('wait') && { wait: text('wait') }),
    ...(text('labels') && { labels: labelsOf(text('labels')) }),
  }
}

function paramValue(schema: ParamSchema, entry: File | string | null): unknown {
  if (schema.type === 'boolean') return entry === 'on'
  const text = textOf(entry)
  if (text === '') return undefined
  return schema.type === 'string' && !schema.enum ? text : jsonOr(text)
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

/** The same start by command, to be copied. */
export function commandLine(job: JobInfo, { params = {}, interrupt, hold }: StartOptions): string {
  const flags = Object.entries(params).map(([name, value]) => {
    const shown = isSensitive(job, name)
      ? '…'
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)
    return `--param ${quoted(`${name}=${shown}`)}`
  })
  if (interrupt?.afterItems !== undefined)
    flags.push(`--interrupt-after-items ${interrupt.afterItems}`)
  if (interrupt?.afterMs !== undefined)
    flags.push(`--interrupt-after ${interrupt.afterMs / 1_000}s`)
  if (interrupt?.at !== undefined) flags.push(`--interrupt-at ${quoted(interrupt.at)}`)
  if (hold) flags.push('--hold')
  return ['npm run dogear -- run', job.name, ...flags].join(' ')
}

function quoted(text: string): string {
  return /^[\w=.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
