import { z } from '@hono/zod-openapi'
import { digits } from './digits.ts'
import { laneNumber, numberCursor } from './run-details.ts'
import { count, StartSchema, time } from './runs.ts'

/** The JSON of a run's ledger, and of the runs that begin somewhere in it. */

export const LedgerQuerySchema = z.strictObject({
  limit: digits(1, 500).default(100),
  cursor: numberCursor,
  lane: laneNumber,
  after: digits(0).optional().openapi({
    description: 'Just the commits after this seq: what is new since it was asked last',
  }),
})

export const LedgerSchema = z
  .object({
    commits: z.array(
      z.object({
        seq: count,
        step: z.string().nullable(),
        fromCursor: z.unknown(),
        toCursor: z.unknown(),
        items: count,
        fence: count,
        codeVersion: z.string(),
        at: time,
        forkable: z.boolean().openapi({ description: 'A fork can begin after this commit' }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('Ledger')

const { labels, hold, interrupt, params } = StartSchema.shape

/** The parts that may be different in the new run. */
export const changes = {
  params: params.openapi({
    description: "Laid over the other run's params; those that are not named stay as they are",
  }),
  labels,
  hold,
  interrupt,
}

export const ForkSchema = z
  .strictObject({
    seq: count.openapi({ description: 'Of a commit in the ledger; 0 is before the first one' }),
    ...changes,
  })
  .openapi('Fork')

export const RestartSchema = z
  .strictObject({
    step: z.string().min(1).max(1_000).openapi({ description: 'The first step to be done again' }),
    ...changes,
  })
  .openapi('Restart')
