import { z } from '@hono/zod-openapi'
import { digits } from './digits.ts'
import { ALERT_KINDS } from '../../monitoring/alert-kinds.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { count, time } from './runs.ts'

/** The JSON about what people should look at. */

export const alertKind = z.enum(ALERT_KINDS)

export const AlertSchema = z
  .object({
    id: z.int(),
    run: z.string().nullable().openapi({
      description:
        'Null when it is about a schedule; the newest one when it is about a group of errors',
    }),
    schedule: mayBeMissing(z.string()).openapi({ description: 'The schedule that it is about' }),
    group: mayBeMissing(
      z.object({
        id: z.string(),
        failed: count.openapi({ description: 'Runs that are failed with it now' }),
        occurrences: count,
        firstAt: time,
        lastAt: time,
      }),
    ).openapi({ description: 'The group of errors that it is about' }),
    job: z.string(),
    kind: alertKind,
    message: z.string(),
    raisedAt: time,
    clearedAt: time.nullable().openapi({ description: 'Null while it is open' }),
  })
  .openapi('Alert')

export const AlertsSchema = z
  .object({ alerts: z.array(AlertSchema), nextCursor: z.string().nullable() })
  .openapi('Alerts')

export const AlertsQuerySchema = z.strictObject({
  run: z.string().max(64).optional(),
  kind: alertKind.optional(),
  open: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .openapi({ description: 'True: only those that nothing and nobody has cleared' }),
  limit: digits(1, 500).default(100),
  cursor: digits<string>(1).optional(),
})
