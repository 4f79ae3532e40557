import type { Effects } from 'dogear'
import type { OutboxSummary } from './outbox.ts'

/** Adds the effect that counts a customer who has come through all of the welcome. */
export function countSignup(effects: Effects, run: string, customer: number): void {
  record(effects, run, 'signup_completed', String(customer), 1)
}

/** Adds the effects that keep what became of a campaign's mails. */
export function countCampaign(
  effects: Effects,
  run: string,
  campaign: string,
  { queued, sent, bounced }: OutboxSummary,
): void {
  record(effects, run, 'bulk_email_sent', campaign, sent)
  record(effects, run, 'bulk_email_bounced', campaign, bounced)
  record(effects, run, 'bulk_email_unsent', campaign, queued)
}

function record(effects: Effects, run: string, name: string, subject: string, value: number): void {
  effects.run(
    `INSERT INTO mail_metrics (run_id, name, subject, value, recorded_at)
    VALUES (?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
    run,
    name,
    subject,
    value,
  )
}
