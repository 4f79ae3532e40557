import type { Caller } from '../caller.ts'

/** A request that changes something, as the audit trail shows it. */
export interface AuditEntry {
  id: number
  /** ISO 8601. */
  at: string
  actor: string
  role: string
  how: string
  /** The route: `POST /api/runs/:id/:command`. */
  action: string
  run: string | null
  detail: Record<string, unknown>
  /** The HTTP status of the answer; null when it is not known, since the Worker was cut off. */
  status: number | null
}

export type NewEntry = Pick<AuditEntry, 'action' | 'run' | 'detail' | 'status'> & {
  /** Somebody who may not get in has no role of ours. */
  caller: Omit<Caller, 'role'> & { role: string }
}

const KEEP_DAYS = 400
const PER_SWEEP = 1_000

/** Writes an entry and gives its id. */
export async function writeEntry(
  db: D1Database,
  { caller: { name, role, how }, action, run, detail, status }: NewEntry,
): Promise<number> {
  const id = await db
    .prepare(
      `INSERT INTO dogear_audit (at, actor, role, how, action, run, detail, status)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id`,
    )
    .bind(new Date().toISOString(), name, role, how, action, run, JSON.stringify(detail), status)
    .first<number>('id')
  return id ?? 0
}

/** Adds to an entry how it went, and the run that was started. */
export async function completeEntry(
  db: D1Database,
  id: number,
  status: number,
  run: string | null,
): Promise<void> {
  await db
    .prepare(`UPDATE dogear_audit SET status = ?2, run = coalesce(run, ?3) WHERE id = ?1`)
    .bind(id, status, run)
    .run()
}

export interface AuditQuery {
  run?: string
  actor?: string
  limit: number
  /** The id of the last entry of the page before. */
  before?: number
}

/** Entries, newest first, by keyset: each page costs the same. */
export async function listEntries(
  db: D1Database,
  { run, actor, limit, before }: AuditQuery,
): Promise<{ entries: AuditEntry[]; next: number | null }> {
  const parts: [condition: string, value: string | number | undefined][] = [
    ['run = ?', run],
    ['actor = ?', actor],
    ['id < ?', before],
  ]
  const given = parts.filter(([, value]) => value !== undefined)
  const where = given.length > 0 ? `WHERE ${given.map(([sql]) => sql).join(' AND ')}` : ''
  const { results } = await db
    .prepare(
      `SELECT id, at, actor, role, how, action, run, detail, status FROM dogear_audit ${where} ORDER BY id DESC LIMIT ?`,
    )
    .bind(...given.map(([, value]) => value), limit + 1)
    .all<Omit<AuditEntry, 'detail'> & { detail: string }>()
  const rows = results.slice(0, limit)
  return {
    entries: rows.map((row) => ({
      ...row,
      detail: JSON.parse(row.detail) as Record<string, unknown>,
    })),
    next: results.length > limit ? (rows.at(-1)?.id ?? null) : null,
  }
}

/** Removes entries that are older than 400 days, some at a time. */
export async function pruneAudit(db: D1Database, now: number): Promise<void> {
  await db
    .prepare(
      `DELETE FROM dogear_audit WHERE id IN (SELECT id FROM dogear_audit WHERE at < ?1 ORDER BY at LIMIT ?2)`,
    )
    .bind(new Date(now - KEEP_DAYS * 86_400_000).toISOString(), PER_SWEEP)
    .run()
}
