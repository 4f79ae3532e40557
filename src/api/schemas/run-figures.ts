import { z } from '@hono/zod-openapi'
import { STATUSES } from '../../engine/run.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { count, time } from './runs.ts'

/** Figures over many runs at once. */

export const TotalsSchema = z
  .object({
    total: count.openapi({
      description: 'Exact up to 10,000; of all runs, those of a job or of a status always exact',
    }),
    more: z.boolean().openapi({
      description: 'There are more than that, or some that were not looked at',
    }),
    statuses: mayBeMissing(z.partialRecord(z.enum(STATUSES), count)).openapi({
      description: 'How many of the newest 10,000 have which status',
    }),
    errors: mayBeMissing(
      z.array(
        z.object({
          error: z.string(),
          group: mayBeMissing(z.string()),
          message: mayBeMissing(z.string()),
          runs: count,
        }),
      ),
    ).openapi({
      description:
        'Their errors by group, the most frequent first, 20 at most: code or name, and the message without what differs',
    }),
  })
  .openapi('RunTotals')

export const HistogramSchema = z
  .object({
    since: time,
    until: time,
    bucketMs: count,
    buckets: z.array(
      z.object({ at: time, active: count, completed: count, failed: count, cancelled: count }),
    ),
    countedSince: mayBeMissing(time).openapi({
      description: 'Only the newest 10,000 are counted: those created before this time are missing',
    }),
  })
  .openapi('RunHistogram')
