import { z } from 'zod'
import { defineJob } from 'dogear'
import { countCampaign } from '../mail/metrics.ts'
import { summarizeOutbox } from '../mail/outbox.ts'
import { verifyMetrics } from '../mail/verify-mail.ts'

/** Keeps what became of the mails that a run has queued. */
export const trackBulkEmailMetrics = defineJob({
  name: 'track-bulk-email-metrics',
  description: 'Counts the mails of a bulk welcome.',
  params: z.strictObject({ campaign: z.string().min(1) }),
  perform: ({ step, params: { campaign }, env, effects, run }) =>
    step('track', async () => {
      const summary = await summarizeOutbox(env.DB, campaign)
      countCampaign(effects, run.id, campaign, summary)
      return summary
    }),
  verify: verifyMetrics,
})
