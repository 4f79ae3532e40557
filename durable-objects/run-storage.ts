import type { Driving } from '../src/engine/drive/driving.ts'
import type { Beginning, NewRun } from '../src/engine/drive/run-record.ts'
import { readDriving } from '../src/engine/drive/stored-driving.ts'
import { seenAtBeginning } from '../src/engine/store/kept-state.ts'
import { ALIKE_COLUMN, EVENT_TABLE } from './event-log.ts'
import { LEFT_OUT_TABLE, LEFT_OUT_BEFORE } from './left-out.ts'
import { LINE_TABLE } from './line-log.ts'
import { Past } from './past.ts'
import { SLICE_TABLE } from './slice-log.ts'
import { STRETCH_COLUMN, STRETCH_TABLE } from './stretches.ts'

/** The object's own schema, numbered; a new version appends, none is ever changed. */
const SCHEMA = [
  `CREATE TABLE run (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), definition TEXT NOT NULL, driving TEXT NOT NULL);
   ${SLICE_TABLE}`,
  EVENT_TABLE,
  `${ALIKE_COLUMN} ${LEFT_OUT_TABLE} ${LEFT_OUT_BEFORE} ${STRETCH_TABLE} ${STRETCH_COLUMN} ${LINE_TABLE}`,
]
/** From this one on there are stretches. */
const WITH_STRETCHES = 3

const BEGINNING = 'beginning'
const PURGING = 'purging'

/** The run is being removed: of the rows of D1 only if it was closed by then. */
export interface Purging {
  run: string
  closed: string
  /** Lanes beside the first one, each with an object of its own. */
  lanes?: number
}

/** The storage of a run's Durable Object: the run's definition, its driving, its past. */
export class RunStorage {
  readonly past: Past
  readonly #storage: DurableObjectStorage
  #known: { run: NewRun; driving: Driving } | null | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
    this.past = new Past(storage.sql)
  }

  /** The run's state; null when there is none, or it is being removed. The same object until it is saved or forgotten. */
  load(): { run: NewRun; driving: Driving } | null {
    this.#known ??= this.#read()
    return this.#known
  }

  /** `beginning` is kept until D1 has it. */
  create(run: NewRun, driving: Driving, beginning?: Beginning): void {
    this.#migrate()
    if (beginning) driving.seen = { ...driving.seen, ...seenAtBeginning(beginning) }
    this.#storage.sql.exec(
      `INSERT INTO run (only_row, definition, driving) VALUES (1, ?1, ?2)
       ON CONFLICT DO UPDATE SET definition = ?1, driving = ?2`,
      JSON.stringify(run),
      JSON.stringify(driving),
    )
    if (beginning) this.#storage.kv.put(BEGINNING, beginning)
    this.#known = { run, driving }
  }

  /** The beginning of a fork, as long as D1 does not have it. */
  get beginning(): Beginning | undefined {
    return this.#storage.kv.get<Beginning>(BEGINNING)
  }

  forgetBeginning(): void {
    this.#storage.kv.delete(BEGINNING)
  }

  save(driving: Driving): void {
    this.#storage.sql.exec(
      `UPDATE run SET driving = ?, stretch = ?`,
      JSON.stringify(driving),
      this.past.stretches.stored,
    )
  }

  /** The state in memory may be ahead of the stored one. */
  forget(): void {
    this.#known = undefined
    this.past.forget()
  }

  get purging(): Purging | undefined {
    return this.#storage.kv.get<Purging>(PURGING)
  }

  /** From here on there is no run, for whoever asks. */
  beginPurge(purging: Purging): void {
    this.#storage.kv.put(PURGING, purging)
    this.forget()
  }

  /** It is not to be removed after all. */
  endPurge(): void {
    this.#storage.kv.delete(PURGING)
    this.forget()
  }

  #read(): { run: NewRun; driving: Driving } | null {
    if (this.#version() === 0 || this.purging) return null
    this.#migrate()
    const row = this.#storage.sql
      .exec<{ definition: string; driving: string }>(`SELECT definition, driving FROM run`)
      .toArray()[0]
    if (!row) return null
    const run = JSON.parse(row.definition) as NewRun
    return { run, driving: readDriving(run, row.driving) }
  }

  /** An object that nobody created a run in stays empty: a stray message must not leave storage behind. */
  #version(): number {
    return this.#storage.kv.get<number>('schema') ?? 0
  }

  #migrate(): void {
    const before = this.#version()
    if (before === SCHEMA.length) return
    this.#storage.transactionSync(() => {
      for (const statements of SCHEMA.slice(before)) this.#storage.sql.exec(statements)
      this.#storage.kv.put('schema', SCHEMA.length)
      if (before < WITH_STRETCHES) this.past.stretches.begin()
    })
  }
}
