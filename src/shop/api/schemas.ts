import { z } from '@hono/zod-openapi'
import { count, digits, time } from 'dogear/api/schemas'

/** The JSON of the shop. The options of a seed are in `src/shop/data/seed-options.ts`. */

export const SnapshotSchema = z
  .object({
    customers: count,
    regions: count,
    lines: count,
    orders: z.object({
      total: count,
      pending: count,
      processed: count,
      failed: count,
      guest: count,
    }),
    failures: z.object({ cancelled: count, non_positive_total: count }),
    processedTotalCents: z.int(),
    logRows: count,
    duplicates: count,
  })
  .openapi('Snapshot')

export const MailboxQuerySchema = z.strictObject({
  limit: digits<number | string>(1, 500).default(50),
  cursor: digits<number | string>(1).optional(),
  to: z.string().max(320).optional().openapi({ description: 'Mails to this address only' }),
})

export const MailboxSchema = z
  .object({
    mails: z.array(
      z.object({
        id: count,
        key: z.string(),
        to: z.string(),
        subject: z.string(),
        body: z.string(),
        calls: count.openapi({
          description: 'How often it was handed over; more than once after a crash',
        }),
        receivedAt: time,
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('Mailbox')
