import { z } from 'zod'
import { defineIteration } from 'dogear'
import { eachSkip } from 'dogear/runs'
import { MailBounced } from '../mail/mail-errors.ts'
import { markSent, markSkippedAsBounced, unsentMails } from '../mail/outbox.ts'
import { RETRY_DELAYED } from '../mail/single-mail.ts'
import { mailTransport } from '../mail/transport.ts'
import { verifyDelivery } from '../mail/verify-mail.ts'

/**
 * Hands over the mails that a run has queued and that were not sent yet: each at least once, under a
 * key that stays the same. Mails that bounce are skipped and listed; re-driving the run tries just those
 * again.
 */
export const deliverMail = defineIteration({
  name: 'deliver-mail',
  description: 'Sends what stands in the outbox.',
  /** The run that queued them. */
  params: z.strictObject({ campaign: z.string().min(1) }),
  unit: 'mail',
  // After a crash at most this many are handed over a second time.
  commit: { everyItems: 50 },
  skip: { on: MailBounced },
  errors: [RETRY_DELAYED],
  buildEnumerator: ({ cursor, params, env, enumerators }) =>
    enumerators.records(env.DB, unsentMails(params.campaign), { cursor, pageSize: 500 }),
  async eachIteration(mail, { env, effects }) {
    markSent(effects, mail.id, await mailTransport(env).send(mail))
  },
  onComplete: ({ effects, env, run }) => markSkippedAsBounced(effects, eachSkip(env.DB, run.id)),
  verify: verifyDelivery,
})
