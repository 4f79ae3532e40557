/** A letter to be sent for a new invoice. */
export interface Mail {
  invoice: number
}

/** The company's own consumer. */
export async function sendMails(batch: MessageBatch<Mail>, env: Env): Promise<void> {
  for (const message of batch.messages) {
    await env.BILLING_DB.prepare(
      `INSERT INTO mail_log (invoice_id, kind, sent_at) VALUES (?, 'invoice', datetime('now'))`,
    )
      .bind(message.body.invoice)
      .run()
    message.ack()
  }
}
