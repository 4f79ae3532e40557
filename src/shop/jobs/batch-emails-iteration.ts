import { defineIteration } from 'dogear'
import { BATCH_SIZE, queueBatch } from '../mail/campaign.ts'
import { recipients } from '../mail/customers.ts'
import { Campaign } from '../mail/letters.ts'
import { summarizeOutbox } from '../mail/outbox.ts'
import { deliverMail } from './deliver-mail.ts'
import { verifyCampaign } from '../mail/verify-mail.ts'

/** Queues a campaign's mails, in batches. As an iteration; see the job in steps beside it. */
export const batchEmailsIteration = defineIteration({
  name: 'batch-emails-iteration',
  description: 'Writes one mail to each customer, in batches: as an iteration.',
  params: Campaign,
  unit: 'batch',
  unitSize: BATCH_SIZE,
  buildEnumerator: ({ cursor, params, env, enumerators }) =>
    enumerators.batches(env.DB, recipients(params), {
      cursor,
      batchSize: BATCH_SIZE,
      count: 'rows',
    }),
  eachIteration: (batch, { effects, run, params }) => queueBatch(effects, run.id, params, batch),
  onComplete: ({ env, run }) => summarizeOutbox(env.DB, run.id),
  continuations: ({ enqueue, run }) => enqueue(deliverMail, { campaign: run.id }),
  verify: verifyCampaign,
})
