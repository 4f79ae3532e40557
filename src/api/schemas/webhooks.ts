import { z } from '@hono/zod-openapi'
import { digits } from './digits.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { count, time } from './runs.ts'

/** The JSON about endpoints and deliveries. */

export const DeliverySchema = z
  .object({
    id: z.int(),
    endpoint: z.string(),
    event: z.string().openapi({ example: 'run.failed' }),
    run: z.string().nullable(),
    status: z.enum(['pending', 'delivered', 'given_up']),
    attempts: count,
    nextAt: time.nullable(),
    lastError: z.string().nullable(),
    createdAt: time,
    deliveredAt: time.nullable(),
  })
  .openapi('WebhookDelivery')

export const WebhooksSchema = z
  .object({
    endpoints: z.array(
      z.object({
        name: z.string(),
        origin: z.string().openapi({ description: 'Of its URL, which may hold secrets' }),
        events: z.array(z.string()).nullable().openapi({ description: 'Null: all of them' }),
        jobs: z.array(z.string()).nullable().openapi({ description: 'Null: all of them' }),
      }),
    ),
    problem: mayBeMissing(z.string()).openapi({ description: 'Why nothing is sent' }),
    deliveries: z.array(DeliverySchema),
    nextCursor: z.string().nullable(),
  })
  .openapi('Webhooks')

export const WebhooksQuerySchema = z.strictObject({
  run: z.string().max(64).optional(),
  limit: digits(1, 500).default(100),
  cursor: digits<string>(1).optional(),
})

export const WebhookTestSchema = z
  .strictObject({ endpoint: z.string().max(64) })
  .openapi('WebhookTest')
