import { type Effects, type RecordQuery, setStatement, type SkippedItem } from 'dogear'
import type { OutboxMail, Receipt } from './mail-transport.ts'

/** A mail that a job asks for. */
export interface Letter {
  /** null: to somebody who is no customer. */
  readonly customer: number | null
  readonly to: string
  readonly template: string
  readonly subject: string
  readonly body: string
}

/** Adds the effect that queues a mail. Its key follows from the run and the recipient. */
export function queueMail(effects: Effects, run: string, letter: Letter): void {
  const key = `${run}/${letter.customer ?? letter.to}`
  effects.add(queue, { ...letter, run, key })
}

const queue = setStatement<Letter & { run: string; key: string }>(`
  INSERT INTO outbox (key, run_id, customer_id, recipient, template, subject, body, queued_at)
  SELECT value ->> 'key', value ->> 'run', value ->> 'customer', value ->> 'to', value ->> 'template',
    value ->> 'subject', value ->> 'body', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  FROM json_each(?1) ORDER BY key`)

/** The mails that a run queued and that were not sent; those that bounced are among them. */
export function unsentMails(run: string): RecordQuery<OutboxMail> {
  return {
    sql: `SELECT id, key, recipient, subject, body FROM outbox WHERE run_id = ? AND status <> 'sent'`,
    params: [run],
  }
}

/** Adds the effect that notes what a provider has answered. */
export function markSent(effects: Effects, id: number, { provider, providerId }: Receipt): void {
  effects.add(sent, { id, provider, providerId })
}

// Another sender may be under way with the same mails: the first answer stands.
const sent = setStatement<Receipt & { id: number }>(`
  UPDATE outbox SET status = 'sent', attempts = attempts + 1, bounce_reason = NULL,
    provider = row.value ->> 'provider', provider_id = row.value ->> 'providerId',
    settled_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  FROM json_each(?1) AS row
  WHERE outbox.id = row.value ->> 'id' AND outbox.status <> 'sent'`)

/** Adds the effect that notes that a mail cannot be delivered. */
export function markBounced(effects: Effects, id: number, reason: string): void {
  effects.run(
    `UPDATE outbox SET status = 'bounced', attempts = attempts + 1, bounce_reason = ?2,
      settled_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = ?1 AND status <> 'sent'`,
    id,
    reason,
  )
}

/**
 * Adds the effects that note all mails that a sender's run has skipped: a skipped item's own effects
 * are rolled back. Their ids are the cursors of the skips.
 */
export async function markSkippedAsBounced(
  effects: Effects,
  skips: AsyncIterable<SkippedItem>,
): Promise<void> {
  for await (const { cursor, error, skippedAt } of skips) {
    effects.add(bounced, { id: Number(cursor), reason: error.message, at: skippedAt })
  }
}

const bounced = setStatement<{ id: number; reason: string; at: string }>(`
  UPDATE outbox SET status = 'bounced', attempts = attempts + 1,
    bounce_reason = row.value ->> 'reason', settled_at = row.value ->> 'at'
  FROM json_each(?1) AS row
  WHERE outbox.id = row.value ->> 'id' AND outbox.status <> 'sent'`)

/** The mails of a run by how they stand. (A type and not an interface: only so can a step return it.) */
export type OutboxSummary = { queued: number; sent: number; bounced: number }

/** Counts the mails that a run has queued, by what became of them. */
export async function summarizeOutbox(db: D1Database, run: string): Promise<OutboxSummary> {
  const summary = await db
    .prepare(
      `SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
        count(*) FILTER (WHERE status = 'sent') AS sent,
        count(*) FILTER (WHERE status = 'bounced') AS bounced
      FROM outbox WHERE run_id = ?`,
    )
    .bind(run)
    .first<OutboxSummary>()
  return { queued: 0, sent: 0, bounced: 0, ...summary }
}
