import { z } from '@hono/zod-openapi'
import { mayBeMissing } from './may-be-missing.ts'
import { style, time } from './runs.ts'

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
  })
  .openapi('Job')

export const JobsSchema = z.object({ jobs: z.array(JobSchema) })
