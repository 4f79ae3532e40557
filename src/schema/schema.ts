import { DogearError } from '../engine/errors.ts'
import { textOf } from '../engine/thrown.ts'
import { refusalOf } from './refusal.ts'
import { statusOf } from './status.ts'
import { upgrade } from './upgrade.ts'
import { type SchemaVersion, VERSIONS } from './versions.ts'

/**
 * `auto`: tables are made, and brought to the newest version, when the Worker first needs them. `check`: a database
 * that is behind is refused with the command to type. `manual`: nobody looks.
 */
export type SchemaMode = 'auto' | 'check' | 'manual'

export interface SchemaOptions {
  /** @default 'auto' */
  mode?: SchemaMode
  /** @default those of this code */
  versions?: readonly SchemaVersion[]
  /** @default Date.now */
  now?: () => number
}

/** A newer version may break this code while it is still running. */
const LOOK_AGAIN_MS = 30_000

const NAME_MISSING = /no such (?:table|column)|has no column named/

/** Sees to it that Dogear's tables are there before they are used. One for each Worker; see `ready`. */
export class Schema {
  readonly #mode: SchemaMode
  readonly #versions: readonly SchemaVersion[]
  readonly #now: () => number
  /**
   * When a database was last seen ready. No promise is kept here: who waits for a read of a request that is
   * cancelled waits for ever.
   */
  readonly #seen = new WeakMap<D1Database, number>()

  constructor({ mode = 'auto', versions = VERSIONS, now = Date.now }: SchemaOptions = {}) {
    this.#mode = mode
    this.#versions = versions
    this.#now = now
  }

  /**
   * Resolves when this code may work on the database; costs one read in 30 s. Rejects with the code
   * `schema_outdated` (mode `check`), `schema_too_new` (a breaking version is newer than this code),
   * `schema_strange` or `schema_failed`, or as D1 does. `failed`: an error met since; when a missing table or
   * column may be its cause, the database is looked at again.
   */
  async ready(db: D1Database, failed?: unknown): Promise<void> {
    if (this.#mode === 'manual') return
    const seen = NAME_MISSING.test(textOf(failed)) ? undefined : this.#seen.get(db)
    if (seen !== undefined && this.#now() - seen < LOOK_AGAIN_MS) return
    try {
      await this.#look(db)
      this.#seen.set(db, this.#now())
    } catch (error) {
      // D1 does not say: what it said last is still the best guess.
      if (seen !== undefined && !(error instanceof DogearError)) return
      this.#seen.delete(db)
      throw error
    }
  }

  async #look(db: D1Database): Promise<void> {
    const status =
      this.#mode === 'auto'
        ? await upgrade(db, this.#versions)
        : await statusOf(async (sql) => (await db.prepare(sql).all()).results, this.#versions)
    if (status.state !== 'ready') throw refusalOf(status)
  }
}
