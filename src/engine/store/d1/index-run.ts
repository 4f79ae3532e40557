export const INDEX_RUN = `UPDATE dogear_runs SET phase = ?3, driving = ?4, rev = ?2 WHERE id = ?1 AND rev < ?2 AND status = 'active'`

/** The index row of a run that is under way. `rev` only grows, and an ended row is never touched. */
export async function indexRun(
  db: D1Database,
  run: string,
  rev: number,
  phase: string,
  shown: string,
): Promise<void> {
  await db.prepare(INDEX_RUN).bind(run, rev, phase, shown).run()
}
