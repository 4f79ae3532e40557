import { discardOn, type ErrorRule, type JobContext, retryOn } from 'dogear'
import { ShopError } from '../shop-error.ts'
import { type OneCustomer, type Recipient, requireRecipient } from './customers.ts'
import { MailBounced, MailDelayed } from './mail-errors.ts'
import type { OutboxMail, Receipt } from './mail-transport.ts'
import { type Letter, markBounced, markSent, queueMail, unsentMails } from './outbox.ts'
import { mailTransport } from './transport.ts'

/** The outcome of a mail. (A type and not an interface: only so can a step return it.) */
export type Delivery =
  | { status: 'sent'; provider: string; providerId: string }
  | { status: 'bounced'; reason: string }

/** A busy provider is asked again, with growing waits. */
export const RETRY_DELAYED: ErrorRule = retryOn(MailDelayed, {
  wait: 'polynomially',
  attempts: 10,
})

/** Rules for the jobs that send one mail: nobody waits for a customer who has gone. */
export const SINGLE_MAIL_ERRORS: readonly ErrorRule[] = [
  RETRY_DELAYED,
  discardOn(
    (error) =>
      error instanceof ShopError && ['customer_without_email', 'mail_gone'].includes(error.code),
  ),
]

/**
 * Sends one mail, in two steps: the first queues it, exactly once; the second hands it over, under its
 * key, and notes the answer. A mail that bounces is an answer and no error: who follows up on the mail
 * looks at what became of it.
 */
export async function sendSingleMail<Params extends OneCustomer>(
  { step, params, env, effects, run }: JobContext<Params>,
  compose: (recipient: Recipient) => Letter,
): Promise<Delivery> {
  await step('queue_mail', async () => {
    queueMail(effects, run.id, compose(await requireRecipient(env.DB, params.customer)))
  })
  return step('deliver_mail', async () => {
    const mail = await requireMail(env.DB, run.id)
    try {
      const receipt: Receipt = await mailTransport(env).send(mail)
      markSent(effects, mail.id, receipt)
      return { status: 'sent', ...receipt } as const
    } catch (error) {
      if (!(error instanceof MailBounced)) throw error
      markBounced(effects, mail.id, error.message)
      return { status: 'bounced', reason: error.message } as const
    }
  })
}

/** True for a job's result that says that its mail was sent. */
export function wasSent(result: unknown): boolean {
  return (result as Delivery).status === 'sent'
}

async function requireMail(db: D1Database, run: string): Promise<OutboxMail> {
  const { sql, params = [] } = unsentMails(run)
  const mail = await db
    .prepare(sql)
    .bind(...params)
    .first<OutboxMail>()
  if (mail) return mail
  throw new ShopError('mail_gone', `The mail of run ${run} is gone from the outbox`)
}
