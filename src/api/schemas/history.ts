import { z } from '@hono/zod-openapi'
import { EVENT_KINDS } from '../../engine/event-kinds.ts'
import type { EngineEvent } from '../../engine/events.ts'
import { LOG_LEVELS } from '../../engine/log-level.ts'
import { digits } from './digits.ts'
import { laneNumber, numberCursor } from './run-details.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { count, time } from './runs.ts'

/** The JSON of a run's past: its events, and its course in stretches. */

export const HistoryQuerySchema = z.strictObject({
  limit: digits(1, 500).default(200),
  cursor: numberCursor,
  lane: laneNumber,
  after: digits(0).optional().openapi({ description: 'Just the events after the one of this id' }),
  only: z.enum(EVENT_KINDS).optional().openapi({ description: 'Just the events of this kind' }),
})

const EventSchema = z
  .looseObject({
    type: z.string(),
    at: time,
    run: z.string(),
    job: z.string(),
    fence: count,
  })
  .openapi('Event') as unknown as z.ZodType<EngineEvent>

const LeftOutSchema = z
  .object({
    alike: z.string().nullable().openapi({
      description:
        'What they have in common: their type, and the kind of their error; null for routine events of any type',
    }),
    count,
    from: time,
    to: time,
  })
  .openapi('LeftOut')

export const HistorySchema = z
  .object({
    events: z
      .array(z.object({ id: count, event: EventSchema }))
      .openapi({ description: 'The newest first' }),
    total: count.openapi({ description: 'All that fit and ever were' }),
    leftOut: z.array(LeftOutSchema).openapi({ description: 'Those of them that are not kept' }),
    nextCursor: z.string().nullable(),
  })
  .openapi('History')

export const LogsQuerySchema = z.strictObject({
  limit: digits(1, 500).default(200),
  cursor: numberCursor,
  lane: laneNumber,
  after: digits(0).optional().openapi({ description: 'Just the lines after the one of this id' }),
  level: z.enum(LOG_LEVELS).optional().openapi({
    description: 'Just the lines of this level, and of those that matter more',
  }),
})

export const LogsSchema = z
  .object({
    lines: z
      .array(
        z.object({
          id: count,
          at: time,
          level: z.enum(LOG_LEVELS),
          message: z.string(),
          fields: mayBeMissing(z.unknown()),
          fence: count.openapi({ description: 'The slice that wrote it' }),
        }),
      )
      .openapi({ description: 'The newest first' }),
    total: count.openapi({ description: 'All that were ever written, of whatever level' }),
    leftOut: z.union([LeftOutSchema, z.null()]).openapi({
      description: 'Those of them that are not kept',
    }),
    nextCursor: z.string().nullable(),
  })
  .openapi('Logs')

export const StretchesQuerySchema = z.strictObject({
  after: time.optional().openapi({
    description: 'Just the stretches that end after this: what has changed since it was asked last',
  }),
})

export const StretchesSchema = z
  .object({
    widthMs: count.openapi({ description: 'Of each stretch; it doubles as the run grows' }),
    stretches: z.array(
      z.object({
        from: time,
        items: count,
        commits: count,
        slices: count.openapi({ description: 'Slices that began in it' }),
        workedMs: count.openapi({
          description: 'What its items and commits took: it may have begun before the stretch',
        }),
        vanished: count,
        errored: count,
        interrupted: count.openapi({
          description: 'Slices that ended in it otherwise than by their budget',
        }),
      }),
    ),
  })
  .openapi('Stretches')
