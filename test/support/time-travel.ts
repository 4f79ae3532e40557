import { env } from 'cloudflare:workers'
import { sweep } from '../../src/engine/runs/sweep.ts'
import { bench, object } from './drive.ts'

const DAY = 86_400_000

const TABLES = [
  'dogear_runs',
  'dogear_lanes',
  'dogear_step_results',
  'dogear_ledger',
  'dogear_skips',
  'appended',
] as const
/** Computed by D1 itself. */
const GENERATED = ['shown_status', 'error_key', 'error_group']

type Rows = Record<string, unknown>[]

/** All rows of a run as they are now. */
export class Bookmark {
  readonly #run: string
  readonly #rows: Map<string, Rows>

  private constructor(run: string, rows: Map<string, Rows>) {
    this.#run = run
    this.#rows = rows
  }

  static async of(run: string): Promise<Bookmark> {
    const rows = new Map<string, Rows>()
    for (const table of TABLES) {
      const { results } = await env.DB.prepare(`SELECT * FROM ${table} WHERE ${key(table)} = ?`)
        .bind(run)
        .all()
      rows.set(table, results)
    }
    return new Bookmark(run, rows)
  }

  /** What `wrangler d1 time-travel restore` does to them. */
  async restore(): Promise<void> {
    await forgetRows(this.#run)
    for (const [table, rows] of this.#rows) {
      for (const row of rows) {
        const kept = Object.entries(row).filter(([name]) => !GENERATED.includes(name))
        await env.DB.prepare(
          `INSERT INTO ${table} (${kept.map(([name]) => name).join()}) VALUES (${kept.map(() => '?').join()})`,
        )
          .bind(...kept.map(([, value]) => value))
          .run()
      }
    }
  }
}

/** As D1 was before there was the run. */
export async function forgetRows(run: string): Promise<void> {
  await env.DB.batch(
    TABLES.map((table) => env.DB.prepare(`DELETE FROM ${table} WHERE ${key(table)} = ?`).bind(run)),
  )
}

function key(table: string): string {
  return table === 'dogear_runs' ? 'id' : 'run_id'
}

/** The run's object forgets all it has. */
export function loseStorage(run: string): Promise<void> {
  return bench.loseStorage(run)
}

/** The sweep of a day later; whether it poked the run. */
export async function sweptTomorrow(run: string, days = 1): Promise<boolean> {
  const { poked } = await sweep(env.DB, (id) => object(id), Date.now() + days * DAY, 30)
  return poked.includes(run)
}
