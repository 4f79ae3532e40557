import type { StandardSchemaV1 } from '@standard-schema/spec'
import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts'
import { DogearError } from './errors.ts'

/**
 * State that a job declares and the engine keeps: each commit writes it beside the checkpoint, so a
 * resumed run finds what belongs to its cursor, neither older nor newer. After Rails' `attribute`
 * (ActiveJob::Attributes): typed and defaulted by the job's schema, unknown ones ignored, missing ones
 * defaulted. Values are frozen: assign a new one instead of changing one in place.
 *
 * What was assigned is validated again when a later slice reads it, so a schema must leave its own output
 * as it is: `trim` and defaults do, a transform that changes a value each time is refused.
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
    this.#current = this.#accepted(known)
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

  /** Whether anything was assigned since the last commit. */
  get changed(): boolean {
    return this.#current !== this.#committed
  }

  /** As D1 stores it. */
  encoded(): string {
    return encodeCursor(this.#current, 'invalid_attribute')
  }

  #assign(key: string, value: unknown): true {
    const next = this.#accepted({ ...this.#current, [key]: value })
    if (!(key in next)) {
      throw new DogearError(
        'invalid_attribute',
        `Attribute '${key}' is not declared; expected one of: ${Object.keys(next).join(', ')}`,
      )
    }
    this.#current = next
    return true
  }

  /** What the schema makes of these values, which it must leave as it is. */
  #accepted(values: unknown): Record<string, unknown> {
    const text = encoded(this.#validated(values))
    const stored = decodeCursor(text)
    const again = encoded(this.#validatedAgain(stored))
    if (again !== text) {
      throw new DogearError(
        'invalid_attribute',
        `The schema of the attributes makes ${excerpt(again)} of its own ${excerpt(text)}; expected it to leave what it has made as it is, since each slice validates it anew`,
      )
    }
    return deepFreeze(stored) as Record<string, unknown>
  }

  #validatedAgain(stored: unknown): Record<string, unknown> {
    try {
      return this.#validated(stored)
    } catch (error) {
      throw new DogearError(
        'invalid_attribute',
        `The schema of the attributes refuses what it has made itself (${(error as Error).message}); expected it to accept that, since each slice validates it anew`,
        { cause: error },
      )
    }
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

/** Without what is undefined: an optional attribute that is not set. */
function encoded(values: Record<string, unknown>): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined)
  return encodeCursor(Object.fromEntries(set), 'invalid_attribute')
}

function excerpt(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function deepFreeze(value: unknown): unknown {
  // A Date has no frozen state: its own setters would still work, on this copy only.
  if (typeof value !== 'object' || value === null) return value
  for (const inside of Object.values(value)) deepFreeze(inside)
  return Object.freeze(value)
}
