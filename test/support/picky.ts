import { env } from 'cloudflare:workers'
import type { Effects } from '../../src/engine/index.ts'

/** Creates a table that refuses each seventh item: an effect that only D1 can find bad. */
export async function createPicky(): Promise<void> {
  await env.DB.prepare(
    'CREATE TABLE IF NOT EXISTS picky (run_id TEXT, item INTEGER CHECK (item % 7 <> 0))',
  ).run()
}

export function addPicky(effects: Effects, run: string, item: number): void {
  effects.run('INSERT INTO picky (run_id, item) VALUES (?1, ?2)', run, item)
}

/** What the table took, in order of item. */
export async function pickyItems(run: string): Promise<number[]> {
  const { results } = await env.DB.prepare('SELECT item FROM picky WHERE run_id = ? ORDER BY item')
    .bind(run)
    .all<{ item: number }>()
  return results.map(({ item }) => item)
}
