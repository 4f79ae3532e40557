import type { Effects } from 'dogear'
import type { Recipient } from './customers.ts'
import { campaignLetter, type Campaign } from './letters.ts'
import { queueMail } from './outbox.ts'

/** The number of recipients that a campaign takes at once, in both styles. */
export const BATCH_SIZE = 50

/** Adds the effects that queue a campaign's mail for each recipient of a batch. */
export function queueBatch(
  effects: Effects,
  run: string,
  campaign: Campaign,
  batch: readonly Recipient[],
): void {
  for (const recipient of batch) queueMail(effects, run, campaignLetter(campaign, recipient))
}
