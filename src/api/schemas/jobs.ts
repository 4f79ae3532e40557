import { z } from '@hono/zod-openapi'
import { mayBeMissing } from './may-be-missing.ts'
import { ErrorGroupSchema } from './errors.ts'
import { ScheduleSchema } from './overview.ts'
import { count, status, style, time } from './runs.ts'

/** The JSON about the jobs that a Worker knows. */

/** Of a JSON Schema what a form can be made of; it may hold more. */
const ParamsSchema = z
  .looseObject({
    properties: mayBeMissing(
      z.record(
        z.string(),
        z.looseObject({
          type: mayBeMissing(z.union([z.string(), z.array(z.string())])),
          description: mayBeMissing(z.string()),
          enum: mayBeMissing(z.array(z.unknown())),
          default: z.unknown().optional(),
          format: mayBeMissing(z.string()),
          minimum: mayBeMissing(z.number()),
          maximum: mayBeMissing(z.number()),
        }),
      ),
    ),
    required: mayBeMissing(z.array(z.string())),
  })
  .nullable()
  .openapi({ description: "The params' JSON Schema; null when the job's validator cannot tell" })

export const JobSchema = z
  .object({
    name: z.string(),
    description: mayBeMissing(z.string()),
    style,
    unit: z.string(),
    unitSize: mayBeMissing(z.int().positive()),
    params: ParamsSchema,
    lastCompletedAt: mayBeMissing(time).openapi({
      description: 'When a run of it completed last, also one that is purged',
    }),
    stale: z.boolean().openapi({
      description: 'It has completed runs, and none for longer than its `staleAfter`',
    }),
    sensitive: mayBeMissing(z.array(z.string())).openapi({
      description: 'Paths of params that are never shown',
      example: ['apiKey', 'smtp.password'],
    }),
    lastRun: mayBeMissing(z.object({ id: z.string(), status, createdAt: time })).openapi({
      description: 'Its newest run',
    }),
  })
  .openapi('Job')

/** A job, and how its runs do. */
export const JobDetailsSchema = z
  .object({
    ...JobSchema.shape,
    runs: z
      .array(
        z.object({
          id: z.string(),
          status,
          createdAt: time,
          tookMs: count.nullable().openapi({
            description: 'From its first slice on, waits included; null for one that has not begun',
          }),
          skipped: count,
          codeVersion: z.string(),
          slow: z.boolean().openapi({ description: 'It takes longer than usual, or did' }),
        }),
      )
      .openapi({ description: 'The last 50, the newest first' }),
    successRate: z.number().min(0).max(1).nullable().openapi({
      description:
        'Those that completed among the last 50 that have ended, but for the cancelled; null when none has',
    }),
    usualMs: count.nullable().openapi({
      description: 'The median of the last 20 that completed; null when there are fewer than 5',
    }),
    slowAfterMs: z.number().nonnegative().nullable().openapi({
      description: 'From when on a run is slower than usual; null for never',
    }),
    codeVersions: z
      .array(z.object({ version: z.string(), runs: count, lastAt: time }))
      .openapi({ description: 'Of the last 50 runs, the newest first' }),
    schedules: z.array(ScheduleSchema),
    errors: z.array(ErrorGroupSchema).openapi({
      description: 'Groups of errors that runs of it are failed with, the newest 10',
    }),
  })
  .openapi('JobDetails')

export const JobsSchema = z.object({ jobs: z.array(JobSchema) })
