import { cutText } from '../cut-text.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { decodeCursor, encodeCursor, type Cursor } from '../cursor.ts'
import { invalid, refused, seenAttributes } from './seen-attributes.ts'

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
  /** The values as the author reads and assigns them. Assigning throws `invalid_attribute` for what the schema refuses. */
  readonly values: Values
  readonly #schema: StandardSchemaV1
  #current: Record<string, unknown>
  #marked: Record<string, unknown>
  /** As of the last checkpoint, whether or not it was committed. */
  #kept: Record<string, unknown>
  #committed: Record<string, unknown>
  #committedText: string

  /** `stored` is what the last commit wrote; null before the first. */
  constructor(schema: StandardSchemaV1, stored: string | null) {
    this.#schema = schema
    const known = stored === null ? {} : decodeCursor(stored)
    this.#current = this.#accepted(known)
    this.#marked = this.#current
    this.#kept = this.#current
    this.#committed = this.#current
    this.#committedText = this.encoded()
    this.values = this.seenBy(() => true)
  }

  /** The values as one attempt, or a hook, reads and assigns them. */
  seenBy(mayChange: () => boolean): Values {
    return seenAttributes(this, mayChange) as Values
  }

  get current(): Readonly<Record<string, unknown>> {
    return this.#current
  }

  /** An item or a walk begins here: `rollback` comes back to this. */
  mark(): void {
    this.#marked = this.#current
  }

  /** A checkpoint: everything up to here belongs to what is done. */
  keep(): void {
    this.#kept = this.#current
    this.mark()
  }

  /** Takes back what was assigned since the mark. */
  rollback(): void {
    this.#current = this.#marked
  }

  /** Everything up to here is being committed. */
  commit(): void {
    this.#committed = this.#current
    this.#committedText = this.encoded()
    this.keep()
  }

  /** Takes back what was assigned since the last checkpoint. */
  revert(): void {
    this.#current = this.#kept
    this.mark()
  }

  /** True when anything is other than the last commit has it. */
  get changed(): boolean {
    return this.#current !== this.#committed && this.encoded() !== this.#committedText
  }

  /** As D1 stores it. */
  encoded(): string {
    return encodeCursor(this.#current, 'invalid_attribute')
  }

  assign(key: string | symbol, value: unknown): true {
    if (typeof key === 'symbol') throw refused(`have the key ${String(key)}`)
    const next = this.#accepted({ ...this.#current, [key]: value })
    // An optional one that is assigned undefined is not there any more.
    if (value !== undefined && !Object.hasOwn(next, key)) {
      throw invalid(
        `Attribute '${key}' is not declared; expected one of: ${Object.keys(next).join(', ')}`,
      )
    }
    this.#current = next
    return true
  }

  /** Back to the default; not there at all, when it is optional. */
  remove(key: string | symbol): true {
    if (typeof key === 'symbol' || !Object.hasOwn(this.#current, key)) return true
    const { [key]: _removed, ...others } = this.#current
    this.#current = this.#accepted(others)
    return true
  }

  /** Takes these values instead, as the schema makes them. */
  replace(values: unknown): void {
    this.#current = this.#accepted(values)
  }

  /** Those of an item that is worked on beside others: they begin with the schema's defaults. */
  ofItem(): RunAttributes {
    return new RunAttributes(this.#schema, null)
  }

  /** The values as the schema makes them, which it must leave as they are. */
  #accepted(values: unknown): Record<string, unknown> {
    // Read first: a schema may change what it is given.
    const given = storable(values)
    const text = encoded(this.#validated(values))
    const stored = decodeCursor(text)
    // Where it made what it was given, it has just left that as it is. So it is at most assignments.
    if (text !== given) this.#requireKept(text, stored)
    return deepFreeze(stored) as Record<string, unknown>
  }

  #requireKept(text: string, stored: unknown): void {
    const again = encoded(this.#validatedAgain(stored))
    if (again === text) return
    throw invalid(
      `The schema of the attributes makes ${cutText(again, 100, '…')} of its own ${cutText(text, 100, '…')}; expected it to leave what it has made as it is, since each slice validates it again`,
    )
  }

  #validatedAgain(stored: unknown): Record<string, unknown> {
    try {
      return this.#validated(stored)
    } catch (error) {
      throw invalid(
        `The schema of the attributes refuses what it has made itself (${(error as Error).message}); expected it to accept that, since each slice validates it again`,
        { cause: error },
      )
    }
  }

  #validated(values: unknown): Record<string, unknown> {
    // Without a prototype: an attribute that is called `constructor` is not there before it is assigned.
    const bare = Object.assign(Object.create(null) as object, values)
    const result = this.#schema['~standard'].validate(bare)
    if (result instanceof Promise) {
      throw invalid(
        'The schema of the attributes is asynchronous; expected one that answers at once',
      )
    }
    if (!result.issues) return result.value as Record<string, unknown>
    const issues = result.issues.map(({ message, path }) =>
      path ? `${path.map(String).join('.')}: ${message}` : message,
    )
    throw invalid(`Attributes are not valid: ${issues.join('; ')}`)
  }
}

/** The text of values that can be stored as they are; undefined for others, of which a schema may make some. */
function storable(values: unknown): string | undefined {
  try {
    return encodeCursor(values, 'invalid_attribute')
  } catch {
    return undefined
  }
}

/** Without what is undefined: an optional attribute that is not set. */
function encoded(values: Record<string, unknown>): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined)
  return encodeCursor(Object.fromEntries(set), 'invalid_attribute')
}

/** A Date is not changed by freezing it: its setters are. */
const FROZEN_SETTERS = Object.fromEntries(
  Object.getOwnPropertyNames(Date.prototype)
    .filter((name) => name.startsWith('set'))
    .map((name) => [
      name,
      {
        value: () => {
          throw refused('be changed in place; assign a new Date')
        },
      },
    ]),
)

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) Object.defineProperties(value, FROZEN_SETTERS)
  for (const inside of Object.values(value)) deepFreeze(inside)
  return Object.freeze(value)
}
