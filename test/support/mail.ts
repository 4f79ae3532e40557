import { env } from 'cloudflare:workers'
import type { RunView } from '../../src/engine/index.ts'
import { BOUNCE_DOMAIN } from '../../src/shop/mail/local-mailbox.ts'
import { failedChecks } from './proof.ts'

export interface OutboxRow {
  key: string
  customer: number | null
  recipient: string
  template: string
  status: string
  attempts: number
}

/** The mails that a run has queued, in order of their queueing. */
export async function outboxOf(run: string): Promise<OutboxRow[]> {
  const { results } = await env.DB.prepare(
    `SELECT key, customer_id AS customer, recipient, template, status, attempts
    FROM outbox WHERE run_id = ? ORDER BY id`,
  )
    .bind(run)
    .all<OutboxRow>()
  return results
}

/** What the local mailbox holds for a run: each key with the number of calls. */
export async function mailboxOf(run: string): Promise<{ key: string; calls: number }[]> {
  const { results } = await env.DB.prepare(
    'SELECT key, calls FROM mailbox WHERE key LIKE ? ORDER BY id',
  )
    .bind(`${run}/%`)
    .all<{ key: string; calls: number }>()
  return results
}

/** Lets mails to these customers bounce. */
export async function letBounce(...customers: number[]): Promise<void> {
  await env.DB.prepare(
    `UPDATE customers SET email = id || '@${BOUNCE_DOMAIN}' WHERE id IN (SELECT value FROM json_each(?))`,
  )
    .bind(JSON.stringify(customers))
    .run()
}

/** The checks of a run that do not hold; none when all is well. */
export async function broken(run: RunView): Promise<string[]> {
  return (await failedChecks(run.id)).map(({ name }) => name)
}
