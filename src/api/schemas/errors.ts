import { z } from '@hono/zod-openapi'
import { GROUP_STATES } from '../../monitoring/group-states.ts'
import { digits } from './digits.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { instant } from './run-filter.ts'
import { count, RunSchema, time } from './runs.ts'

/** The JSON about groups of errors. */

const state = z.enum(GROUP_STATES).openapi({
  description:
    '`open`: runs are failed with it; `dismissed`: a person has seen it, until it occurs again; `muted`: nothing is said of it for a while; `resolved`: no run is failed with it any more',
})

const group = {
  id: z.string().openapi({ example: '3f9c01d2a4b5c6d7' }),
  job: z.string(),
  error: z.string().openapi({ description: 'Its code, or its name where it has no code' }),
  template: z.string().openapi({
    description: 'The message without what differs from run to run',
    example: 'product <n>: price is null',
  }),
  message: z.string().openapi({ description: 'Of its newest occurrence' }),
  frame: mayBeMissing(z.string()).openapi({
    description: 'The function that threw it, and where, at its newest occurrence',
  }),
  state,
  failed: count.openapi({ description: 'Runs that are failed with it now' }),
  occurrences: count.openapi({ description: 'How often runs have failed with it' }),
  firstAt: time,
  lastAt: time,
  lastRun: z.string().openapi({ description: 'The last run that failed with it' }),
  dismissedAt: mayBeMissing(time),
  dismissedBy: mayBeMissing(z.string()),
  mutedUntil: mayBeMissing(time),
  mutedBy: mayBeMissing(z.string()),
  returnedAt: mayBeMissing(time).openapi({
    description: 'When it last occurred after a person had dismissed it',
  }),
  lastDay: z.array(count).openapi({
    description: 'Occurrences by the hour: the last 24, the oldest first',
  }),
}

export const ErrorGroupSchema = z.object(group).openapi('ErrorGroup')

export const ErrorGroupDetailsSchema = z
  .object({
    ...group,
    trend: z
      .array(z.object({ at: time, per: z.enum(['hour', 'day']), occurrences: count }))
      .openapi({
        description:
          'By the hour for a week, by the day before that, for 90 days; the oldest first, without those in which it did not occur',
      }),
    lastRuns: z.array(RunSchema).openapi({
      description: 'The newest 10 of the runs that are failed with it now',
    }),
  })
  .openapi('ErrorGroupDetails')

export const ErrorGroupsSchema = z
  .object({
    groups: z.array(ErrorGroupSchema),
    totals: z
      .object({ open: count, dismissed: count, muted: count, resolved: count })
      .openapi({ description: 'Groups in each state, of the job that was asked for or of all' }),
    nextCursor: z.string().nullable(),
  })
  .openapi('ErrorGroups')

export const ErrorGroupsQuerySchema = z.strictObject({
  state: state.optional(),
  job: z.string().max(64).optional(),
  since: instant.optional().openapi({ description: 'Occurred at this time or later' }),
  limit: digits(1, 100).default(20),
  cursor: z.string().max(200).optional(),
})

export const MuteSchema = z
  .strictObject({
    until: z.string().max(100).openapi({
      description: "A time with its zone, or a duration like '8 hours'; 1 year at most",
      example: '8 hours',
    }),
  })
  .openapi('Mute')

export const RetryGroupSchema = z
  .strictObject({
    dryRun: z.boolean().optional().openapi({ description: 'Only say how many runs it would be' }),
  })
  .openapi('RetryGroup')

export const WouldRetrySchema = z
  .object({ runs: count.openapi({ description: 'Runs that would be retried' }) })
  .openapi('WouldRetry')
