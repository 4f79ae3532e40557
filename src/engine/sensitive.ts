import { isRecord } from './record.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { MASK, type Redact, redactorFor, showAll } from './redactor.ts'

export { MASK, type Redact } from './redactor.ts'

/**
 * Params that a job declares sensitive, by their paths (`'apiKey'`, `'smtp.password'`). They are stored as
 * they are, since the job needs them, and masked wherever they would be shown. The paths are stored with
 * the run, so that they hold whatever the code says later.
 */
export interface SensitiveParams {
  /** Encoded. */
  params: string
  options: {
    /** Paths of the params. */
    sensitive?: readonly string[]
    /** Encoded values that another run, from which this one goes on, must not show. */
    hidden?: readonly string[]
  }
}

/** The params as people may see them. A path into an array means each of its items. */
export function maskParams(params: unknown, paths: readonly string[] = []): unknown {
  return paths.reduce((masked, path) => maskAt(masked, path.split('.')), params)
}

function maskAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return MASK
  if (Array.isArray(value)) return value.map((item) => maskAt(item, [key, ...rest]))
  if (!isRecord(value) || !Object.hasOwn(value, key)) return value
  return { ...value, [key]: maskAt(value[key], rest) }
}

/** Masks the values at these paths of the params. */
export function redactor(params: unknown, paths: readonly string[] = []): Redact {
  return paths.length === 0 ? showAll : redactorFor(sensitiveValues(params, paths))
}

function sensitiveValues(params: unknown, paths: readonly string[]): unknown[] {
  return paths.flatMap((path) => valuesAt(params, path.split('.')))
}

/** Masks what the params of a stored run hold. */
export function redactorOf({ params, options }: SensitiveParams): Redact {
  const { sensitive, hidden = [] } = options
  const own = sensitive ? sensitiveValues(decodeCursor(params), sensitive) : []
  const values = [...own, ...hidden.map(decodeCursor)]
  return values.length === 0 ? showAll : redactorFor(values)
}

/** Values that a run which goes on from another one must not show, beside its own params. */
export function hiddenOf(
  { params, options }: SensitiveParams,
  paths: readonly string[],
): Pick<SensitiveParams['options'], 'hidden'> {
  const own = sensitiveValues(decodeCursor(params), paths).map((value) =>
    encodeCursor(value, 'invalid_params'),
  )
  const hidden = [...new Set([...(options.hidden ?? []), ...own])]
  return hidden.length === 0 ? {} : { hidden }
}

/** True for a validator's issue about a sensitive value, or about a part of one. */
export function isSensitive(path: readonly string[], paths: readonly string[]): boolean {
  const named = `${path.filter((key) => !/^\d+$/.test(key)).join('.')}.`
  return paths.some((sensitive) => named.startsWith(`${sensitive}.`))
}

/** The fault of a job's `sensitive`; undefined when there is none. */
export function sensitiveProblem(
  paths: unknown,
  schema: StandardSchemaV1 | undefined,
): string | undefined {
  const isPath = (path: unknown) => typeof path === 'string' && /^[^.]+(\.[^.]+)*$/.test(path)
  if (!Array.isArray(paths) || !paths.every(isPath)) {
    return "sensitive is not a list of paths of params like 'apiKey' or 'smtp.password'"
  }
  if (paths.length === 0) return undefined
  if (!schema) return 'sensitive names params, but the job takes none'
  const shape = jsonSchema(schema)
  const unknown = (paths as string[]).find((path) => !mayHold(shape, path.split('.')))
  return unknown === undefined ? undefined : `sensitive names '${unknown}', which is no param of it`
}

/** The JSON Schema of what it takes; undefined when the validator cannot tell. */
function jsonSchema(schema: StandardSchemaV1): unknown {
  const { jsonSchema: converter } = schema['~standard'] as {
    jsonSchema?: { input: (options: { target: string }) => unknown }
  }
  try {
    return converter?.input({ target: 'draft-2020-12' })
  } catch {
    // Not everything that a validator takes has a JSON Schema.
    return undefined
  }
}

/** False only when the schema says that there is nothing of that name. */
function mayHold(shape: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined || !isRecord(shape)) return true
  if ('items' in shape) return mayHold(shape['items'], [key, ...rest])
  const { properties, additionalProperties = false } = shape
  if (!isRecord(properties)) return true
  return Object.hasOwn(properties, key)
    ? mayHold(properties[key], rest)
    : additionalProperties !== false
}

function valuesAt(value: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (key === undefined) return [value]
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, [key, ...rest]))
  return isRecord(value) && Object.hasOwn(value, key) ? valuesAt(value[key], rest) : []
}
