import { defineJob } from 'dogear'
import { BATCH_SIZE, queueBatch } from '../mail/campaign.ts'
import { countRecipients, recipients } from '../mail/customers.ts'
import { Campaign } from '../mail/letters.ts'
import { summarizeOutbox } from '../mail/outbox.ts'
import { deliverMail } from './deliver-mail.ts'
import { verifyCampaign } from '../mail/verify-mail.ts'

/** Queues a campaign's mails, in batches. In steps; see the iteration beside it. */
export const batchEmails = defineJob({
  name: 'batch-emails',
  description: 'Writes one mail to each customer, in batches.',
  params: Campaign,
  unit: 'batch',
  unitSize: BATCH_SIZE,
  async perform({ step, params, env, effects, run, enumerators, expectTotal }) {
    // Stored with the step: who signs up while the campaign is under way gets the next one.
    const { last, count } = await step('load_recipients', () => countRecipients(env.DB, params))
    expectTotal(count)

    await step('send_batches', (step) =>
      step.iterate(
        ({ cursor }) =>
          enumerators.batches(env.DB, recipients({ upTo: last ?? 0 }), {
            cursor,
            batchSize: BATCH_SIZE,
            count: 'rows',
          }),
        (batch) => queueBatch(effects, run.id, params, batch),
      ),
    )

    return step('finalize', () => summarizeOutbox(env.DB, run.id))
  },
  continuations: ({ enqueue, run }) => enqueue(deliverMail, { campaign: run.id }),
  verify: verifyCampaign,
})
