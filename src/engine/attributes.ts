import type { StandardSchemaV1 } from '@standard-schema/spec'
import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts'
import { DogearError } from './errors.ts'

/**
 * State that a job declares and the engine keeps: each commit writes it beside the checkpoint, so a
 * resumed run finds what belongs to its cursor, neither older nor newer. After Rails' `attribute`
 * (ActiveJob::Attributes): typed and defaulted by the job's schema, unknown ones ignored, missing ones
 * defaulted. Values are frozen: assign a new one instead of changing one in place.
 */
export class RunAttributes<Values extends object = Record<string, Cursor>> {
  /** What the author reads and assigns. Assigning throws `invalid_attribute` for what the schema refuses. */
  readonly values: Values
  readonly #schema: StandardSchemaV1
  #current: Record<string, unknown>
  #marked: Record<string, unknown>
  #committed: Record<string, unknown>

  /** `stored` is what the last commit wrote; null before the first. */
  constructor(schema: StandardSchemaV1, stored: string | null) {
    this.#schema = schema
    const known = stored === null ? {} : decodeCursor(stored)
    this.#current = frozen(this.#validated(known))
    this.#marked = this.#current
    this.#committed = this.#current
    this.values = new Proxy({} as Values, {
      get: (_target, key) => this.#current[key as string],
      has: (_target, key) => key in this.#current,
      ownKeys: () => Object.keys(this.#current),
      getOwnPropertyDescriptor: (_target, key) =>
        key in this.#current
          ? { value: this.#current[key as string], enumerable: true, configurable: true }
          : undefined,
      set: (_target, key, value) => this.#assign(String(key), value),
    })
  }

  /** Everything up to here belongs to items that are done. */
  mark(): void {
    this.#marked = this.#current
  }

  /** Takes back what was assigned since the mark. */
  rollback(): void {
    this.#current = this.#marked
  }

  /** Everything up to here is being committed. */
  commit(): void {
    this.#committed = this.#current
    this.mark()
  }

  /** Takes back what was assigned since the last commit. */
  revert(): void {
    this.#current = this.#committed
    this.mark()
  }

  /** As D1 stores it. */
  encoded(): string {
    return encodeCursor(this.#current, 'invalid_attribute')
  }

  #assign(key: string, value: unknown): true {
    const next = this.#validated({ ...this.#current, [key]: value })
    if (!(key in next)) {
      throw new DogearError(
        'invalid_attribute',
        `Attribute '${key}' is not declared; expected one of: ${Object.keys(next).join(', ')}`,
      )
    }
    this.#current = frozen(next)
    return true
  }

  #validated(values: unknown): Record<string, unknown> {
    const result = this.#schema['~standard'].validate(values)
    if (result instanceof Promise) {
      throw new DogearError(
        'invalid_attribute',
        'The schema of the attributes is asynchronous; expected one that answers at once',
      )
    }
    if (!result.issues) return result.value as Record<string, unknown>
    const issues = result.issues.map(({ message, path }) =>
      path ? `${path.map(String).join('.')}: ${message}` : message,
    )
    throw new DogearError('invalid_attribute', `Attributes are not valid: ${issues.join('; ')}`)
  }
}

/** A copy in which nothing can be changed in place. */
function frozen(values: Record<string, unknown>): Record<string, unknown> {
  const set = Object.entries(values).filter(([, value]) => value !== undefined)
  const copy = decodeCursor(encodeCursor(Object.fromEntries(set), 'invalid_attribute'))
  return deepFreeze(copy) as Record<string, unknown>
}

function deepFreeze(value: unknown): unknown {
  // A Date has no frozen state: its own setters would still work, on this copy only.
  if (typeof value !== 'object' || value === null) return value
  for (const inside of Object.values(value)) deepFreeze(inside)
  return Object.freeze(value)
}
