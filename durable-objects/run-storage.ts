import { initialDriving, type Driving } from '../src/engine/driving.ts'
import type { RunError } from '../src/engine/errors.ts'
import type { NewRun, Report, SliceView } from '../src/engine/protocol.ts'

/** The object's own schema, numbered; a new version appends, none is ever changed. */
const SCHEMA = [
  `CREATE TABLE run (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), definition TEXT NOT NULL, driving TEXT NOT NULL);
   CREATE TABLE slices (
     fence INTEGER PRIMARY KEY,
     n INTEGER NOT NULL,
     started_at INTEGER NOT NULL,
     ended_at INTEGER,
     outcome TEXT NOT NULL,
     reason TEXT,
     done_before INTEGER NOT NULL,
     commits_before INTEGER NOT NULL,
     items INTEGER NOT NULL DEFAULT 0,
     commits INTEGER NOT NULL DEFAULT 0,
     error TEXT
   );`,
]

/** The timeline keeps the newest slices only: storage does not grow with a run's length. */
const MAX_SLICES = 200

/** What a run's Durable Object stores: its definition, how it is driven, and a timeline of slices. */
export class RunStorage {
  readonly #storage: DurableObjectStorage
  #known: { run: NewRun; driving: Driving } | null | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** The run's state; null when there is none. The same object until it is saved or forgotten. */
  load(): { run: NewRun; driving: Driving } | null {
    this.#known ??= this.#read()
    return this.#known
  }

  create(run: NewRun, driving: Driving): void {
    this.#migrate()
    this.#storage.sql.exec(
      `INSERT INTO run VALUES (1, ?, ?)`,
      JSON.stringify(run),
      JSON.stringify(driving),
    )
    this.#known = { run, driving }
  }

  save(driving: Driving): void {
    this.#storage.sql.exec(`UPDATE run SET driving = ?`, JSON.stringify(driving))
  }

  forget(): void {
    this.#known = undefined
  }

  beginSlice(n: number, fence: number, at: number, { done, commits }: Report): void {
    this.#storage.sql.exec(
      `INSERT INTO slices (fence, n, started_at, outcome, done_before, commits_before) VALUES (?, ?, ?, 'running', ?, ?)`,
      fence,
      n,
      at,
      done,
      commits,
    )
    this.#storage.sql.exec(`DELETE FROM slices WHERE fence <= ?`, fence - MAX_SLICES)
  }

  sliceProgress(fence: number, { done, commits }: Report): void {
    this.#storage.sql.exec(
      `UPDATE slices SET items = max(items, ? - done_before), commits = max(commits, ? - commits_before) WHERE fence = ?`,
      done,
      commits,
      fence,
    )
  }

  endSlice(
    fence: number,
    at: number,
    outcome: SliceView['outcome'],
    reason: string | null,
    error: RunError | null,
  ): void {
    this.#storage.sql.exec(
      `UPDATE slices SET ended_at = ?, outcome = ?, reason = ?, error = ? WHERE fence = ? AND ended_at IS NULL`,
      at,
      outcome,
      reason,
      error && JSON.stringify(error),
      fence,
    )
  }

  /** The newest slices, oldest first. */
  slices(): SliceView[] {
    if (!this.load()) return []
    const rows = this.#storage.sql.exec<SliceRow>(
      `SELECT fence, n, started_at, ended_at, outcome, reason, items, commits, error FROM slices ORDER BY fence`,
    )
    return rows.toArray().map(({ started_at, ended_at, error, ...slice }) => ({
      ...slice,
      startedAt: new Date(started_at).toISOString(),
      endedAt: ended_at === null ? null : new Date(ended_at).toISOString(),
      error: error === null ? null : (JSON.parse(error) as RunError),
    }))
  }

  #read(): { run: NewRun; driving: Driving } | null {
    if (this.#version() === 0) return null
    this.#migrate()
    const row = this.#storage.sql
      .exec<{ definition: string; driving: string }>(`SELECT definition, driving FROM run`)
      .toArray()[0]
    if (!row) return null
    const run = JSON.parse(row.definition) as NewRun
    // Fields that are newer than the stored state begin as in a new run.
    const driving = { ...initialDriving(run, 0), ...(JSON.parse(row.driving) as Partial<Driving>) }
    return { run, driving }
  }

  /** An object that nobody created a run in stays empty: a stray message must not leave storage behind. */
  #version(): number {
    return this.#storage.kv.get<number>('schema') ?? 0
  }

  #migrate(): void {
    for (let version = this.#version(); version < SCHEMA.length; version++) {
      this.#storage.sql.exec(SCHEMA[version] as string)
      this.#storage.kv.put('schema', version + 1)
    }
  }
}

type SliceRow = {
  fence: number
  n: number
  started_at: number
  ended_at: number | null
  outcome: SliceView['outcome']
  reason: string | null
  items: number
  commits: number
  error: string | null
}
