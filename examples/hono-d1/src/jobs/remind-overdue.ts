import { check, defineIteration, retryOn, setStatement } from 'dogear'
import { z } from 'zod'

class MailerDown extends Error {}

/** What is known of an invoice once its reminder is out. */
const reminded = setStatement<{ id: number }>([
  `UPDATE invoices SET reminded_at = datetime('now')
   WHERE id IN (SELECT value ->> 'id' FROM json_each(?1)) AND reminded_at IS NULL`,
  `INSERT INTO mail_log (invoice_id, kind, sent_at)
   SELECT value ->> 'id', 'reminder', datetime('now') FROM json_each(?1)`,
])

/** Reminds everybody whose invoice is overdue: one call of the mailer for each, ten to a commit. */
export const remindOverdue = defineIteration({
  name: 'remind-overdue',
  params: z.object({ before: z.iso.date() }),
  unit: 'invoice',
  commit: { everyItems: 10 },
  errors: [retryOn(MailerDown, { wait: '2s', attempts: 10 })],
  buildEnumerator: ({ cursor, params, env, enumerators }) =>
    enumerators.records<{ id: number; number: string; email: string }>(
      env.BILLING_DB,
      {
        sql: `SELECT invoices.id, number, email FROM invoices JOIN customers ON customers.id = customer_id
              WHERE status = 'open' AND due_on < ?`,
        params: [params.before],
      },
      { cursor },
    ),
  async eachIteration(invoice, { env, effects, idempotencyKey }) {
    const answer = await fetch(env.MAILER_URL, {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey, 'content-type': 'application/json' },
      body: JSON.stringify({ to: invoice.email, invoice: invoice.number }),
    })
    if (!answer.ok) throw new MailerDown(`the mailer answered ${answer.status}`)
    effects.add(reminded, { id: invoice.id })
  },
  async verify({ env, run }) {
    const sent = await env.BILLING_DB.prepare(
      `SELECT count(*) AS mails, count(DISTINCT invoice_id) AS invoices FROM mail_log WHERE kind = 'reminder'`,
    ).first<{ mails: number; invoices: number }>()
    return [
      check('No invoice has two reminders in the log', sent?.invoices, sent?.mails),
      check('Every invoice of the run has one', true, (sent?.mails ?? 0) >= run.progress.done),
    ]
  },
})
