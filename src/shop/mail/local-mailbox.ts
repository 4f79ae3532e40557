import { MailBounced } from './mail-errors.ts'
import type { MailTransport } from './mail-transport.ts'

/** Reserved by RFC 2606, so nobody's: mails to this domain bounce. */
export const BOUNCE_DOMAIN = 'bounce.example'

/**
 * The shop's own provider: keeps mails in D1, to be looked at. Written by itself and not as an effect,
 * as a call to any provider is: after a crash it may be made again, and is then known by its key.
 */
export function localMailbox(db: D1Database): MailTransport {
  return {
    async send({ key, recipient, subject, body }) {
      if (recipient.toLowerCase().endsWith(`@${BOUNCE_DOMAIN}`)) {
        throw new MailBounced(recipient, 'there is no such mailbox')
      }
      const id = await db
        .prepare(
          `INSERT INTO mailbox (key, recipient, subject, body, received_at)
          VALUES (?1, ?2, ?3, ?4, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
          ON CONFLICT (key) DO UPDATE SET calls = calls + 1 RETURNING id`,
        )
        .bind(key, recipient, subject, body)
        .first<number>('id')
      return { provider: 'mailbox', providerId: String(id) }
    },
  }
}

/** A mail as the mailbox holds it. */
export interface ReceivedMail {
  id: number
  key: string
  to: string
  subject: string
  body: string
  /** Times it was handed over. */
  calls: number
  receivedAt: string
}

/** A page of the mailbox, newest first, by keyset: mails with ids below `before`, to one address or all. */
export async function listMailbox(
  db: D1Database,
  { limit, before = Number.MAX_SAFE_INTEGER, to }: { limit: number; before?: number; to?: string },
): Promise<{ mails: ReceivedMail[]; next: number | null }> {
  const toOne = to === undefined ? '' : 'recipient = ?3 AND '
  const { results } = await db
    .prepare(
      `SELECT id, key, recipient AS "to", subject, body, calls, received_at AS receivedAt
      FROM mailbox WHERE ${toOne}id < ?1 ORDER BY id DESC LIMIT ?2`,
    )
    .bind(before, limit + 1, ...(to === undefined ? [] : [to]))
    .all<ReceivedMail>()
  const mails = results.slice(0, limit)
  return { mails, next: results.length > limit ? (mails.at(-1)?.id ?? null) : null }
}
