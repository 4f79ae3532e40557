import { type Redact, showAll } from '../../redactor.ts'
import { redactorOf, type SensitiveParams } from '../../sensitive.ts'

/** Masks what the params of a run hold, as D1 has them; nothing of a run that is not there. */
export async function redactorIn(db: D1Database, run: string): Promise<Redact> {
  const row = await db
    .prepare('SELECT params, options FROM dogear_runs WHERE id = ?1')
    .bind(run)
    .first<{ params: string; options: string }>()
  if (!row) return showAll
  return redactorOf({
    params: row.params,
    options: JSON.parse(row.options) as SensitiveParams['options'],
  })
}
