import { z } from '@hono/zod-openapi'
import { digits } from './digits.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { time } from './runs.ts'
import { ROLES } from '../caller.ts'
import { ENVIRONMENT_COLOURS } from '../environment.ts'

/** The JSON about who asks, and who has asked. */

export const CallerSchema = z
  .object({
    name: z.string(),
    role: z.enum(ROLES),
    how: z.enum(['host', 'token', 'session', 'cloudflare-access', 'dev']),
    endsAt: mayBeMissing(time).openapi({ description: 'Of a session that has just begun' }),
    environment: mayBeMissing(
      z.object({ name: z.string(), color: z.enum(ENVIRONMENT_COLOURS) }),
    ).openapi({ description: 'Which deployment this is, where its variables say so' }),
  })
  .openapi('Caller')

export const LogInSchema = z.strictObject({ token: z.string().min(1).max(1_000) })

export const AuditSchema = z
  .object({
    entries: z.array(
      z.object({
        id: z.int(),
        at: time,
        actor: z.string(),
        role: z.string(),
        how: z.string(),
        action: z.string().openapi({ example: 'POST /api/runs/:id/:command' }),
        run: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()),
        status: z.int().nullable().openapi({
          description:
            'Of the answer; null while it is not known, for ever if the Worker was cut off',
        }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('Audit')

export const AuditQuerySchema = z.strictObject({
  run: z.string().max(64).optional(),
  actor: z.string().max(320).optional(),
  limit: digits(1, 500).default(100),
  cursor: digits<number | string>(1).optional(),
})
