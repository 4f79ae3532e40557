import { z } from 'zod'
import { defineJob } from 'dogear'
import { countRecipients, recipients } from '../mail/customers.ts'
import { welcomeLetter } from '../mail/letters.ts'
import { queueMail, summarizeOutbox } from '../mail/outbox.ts'
import { deliverMail } from './deliver-mail.ts'
import { trackBulkEmailMetrics } from './track-bulk-email-metrics.ts'
import { verifyCampaign } from '../mail/verify-mail.ts'

/** Welcomes many customers at once; its figures are taken when the last mail is sent, or has bounced. */
export const bulkWelcomeEmail = defineJob({
  name: 'bulk-welcome-email',
  description: 'Welcomes all new customers, then counts what was sent.',
  params: z.strictObject({
    /** By default customers of all regions. */
    region: z.string().min(1).optional(),
    upTo: z.number().int().positive().optional(),
  }),
  unit: 'customer',
  async perform({ step, params, env, effects, run, enumerators, expectTotal }) {
    const { last, count } = await step('initialize_scope', () => countRecipients(env.DB, params))
    expectTotal(count)

    await step('send_emails', { start: 1 }, async (step) => {
      const scope = recipients({ region: params.region, upTo: last ?? 0 })
      for await (const [customer] of enumerators.records(env.DB, scope, { from: step.cursor })) {
        queueMail(effects, run.id, welcomeLetter(customer))
        await step.advance({ from: customer.id })
      }
    })

    return step('finalize', () => summarizeOutbox(env.DB, run.id))
  },
  continuations({ enqueue, run }) {
    enqueue(deliverMail, { campaign: run.id })
    enqueue.afterAll(trackBulkEmailMetrics, { campaign: run.id })
  },
  verify: verifyCampaign,
})
