import { z } from '@hono/zod-openapi'
import { digits } from './digits.ts'
import { SKIP_FILES } from '../../engine/runs/skip-lines.ts'
import type { SliceView } from '../../engine/drive/protocol.ts'
import { MAX_LANES } from '../../engine/job/lanes-problem.ts'
import type { NestedSteps } from '../../engine/run.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { ErrorSchema } from './run-error.ts'
import { count, status, style, time } from './runs.ts'

/** The JSON about one run, besides the run itself. */

const NestedStepsSchema: z.ZodType<NestedSteps> = z
  .record(
    z.string(),
    z.object({
      cursor: z.unknown(),
      completedSteps: mayBeMissing(z.array(z.string())),
      nestedSteps: mayBeMissing(z.lazy(() => NestedStepsSchema)),
    }),
  )
  .openapi('NestedSteps')

export const CheckpointSchema = z
  .object({
    run: z.string(),
    job: z.string(),
    style,
    status,
    step: z.string().nullable(),
    cursor: z.unknown(),
    completedSteps: z.array(z.string()),
    nestedSteps: mayBeMissing(NestedStepsSchema),
    resumptions: count,
    updatedAt: time,
    seq: count,
    fence: count,
    bytes: count.openapi({ description: 'What the checkpoint takes up in D1' }),
  })
  .openapi('Checkpoint')

const group = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'expected the id of a group of skips: 16 hexadecimal digits')
  .optional()
  .openapi({ description: 'Just those of one group' })

export const SkipsQuerySchema = z.object({
  group,
  limit: digits(1, 500).default(100),
  cursor: z
    .string()
    .regex(/^\d+-\d+$/)
    .optional(),
})

export const SkipsSchema = z
  .object({
    skips: z.array(
      z.object({
        step: z.string(),
        cursor: z.unknown(),
        error: ErrorSchema,
        attempts: count,
        skippedAt: time,
        by: mayBeMissing(z.string()).openapi({
          description: "Who has asked for it; missing where it was the job's own tolerance",
        }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('Skips')

export const SkipFileQuerySchema = z.strictObject({
  format: z.enum(SKIP_FILES).default('csv'),
  group,
})

export const SkipGroupsSchema = z
  .object({
    groups: z.array(
      z.object({
        id: z.string(),
        error: ErrorSchema.openapi({ description: 'Of the first of them' }),
        skips: count,
        firstAt: time,
        lastAt: time,
      }),
    ),
    skipped: count,
    others: count.openapi({
      description: 'Items that no group has: of rarer errors, or skipped by code of before',
    }),
    toRedrive: count.openapi({ description: 'Items that a re-drive would handle now' }),
  })
  .openapi('SkipGroups')

const OUTCOMES = [
  'running',
  'interrupted',
  'errored',
  'ended',
  'superseded',
  'state_lost',
  'vanished',
] as const satisfies readonly SliceView['outcome'][]

/** A place in a list that goes back in time: the number of the item before which the next page begins. */
export const numberCursor = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'expected a nextCursor of this list')
  .optional()

/** Which lane of a run is asked about. */
export const laneNumber = digits(0, MAX_LANES - 1)
  .default(0)
  .openapi({ description: 'The lane, of a run that is worked in several' })

export const SlicesQuerySchema = z.strictObject({
  limit: digits(1, 500).default(200),
  cursor: numberCursor,
  lane: laneNumber,
  after: digits(0).optional().openapi({
    description: 'Just the slices with a higher fence: what is new since it was asked last',
  }),
})

export const SlicesSchema = z.object({
  slices: z.array(
    z.object({
      n: count,
      fence: count,
      startedAt: time,
      endedAt: time.nullable(),
      outcome: z.enum(OUTCOMES),
      reason: z.string().nullable(),
      items: count,
      commits: count,
      // Of `nullable` the document would say that it is an error all the same.
      error: z.union([ErrorSchema, z.null()]),
    }),
  ),
  total: count.openapi({
    description:
      'All slices that there were. The newest 500 are kept, and older ones that ended otherwise than by their budget; `stretches` has the sums of all',
  }),
  nextCursor: z.string().nullable(),
})

export const VerificationSchema = z
  .object({
    ok: z.boolean(),
    run: z.string(),
    checks: z.array(
      z.object({ name: z.string(), ok: z.boolean(), expected: z.unknown(), actual: z.unknown() }),
    ),
  })
  .openapi('Verification')
