import { z } from '@hono/zod-openapi'
import {
  ALERT_KINDS,
  COMMANDS,
  parseLabel,
  STATUSES,
  type AlertKind,
  type Command,
  type RunError,
  type Status,
} from '../engine/index.ts'

/** The API's JSON, once: what validates a request also documents it. */

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
  })
  .openapi('Problem')

export const ErrorSchema: z.ZodType<RunError> = z
  .object({
    name: z.string(),
    code: z.string().exactOptional(),
    message: z.string(),
    stack: z.string().exactOptional(),
    cause: z.lazy(() => ErrorSchema).exactOptional(),
  })
  .openapi('RunError')

const count = z.int().nonnegative()
const time = z.iso.datetime()

export const RunSchema = z
  .object({
    id: z.string(),
    job: z.string(),
    style: z.enum(['continuable', 'iteration']),
    status: z.enum(STATUSES as [string, ...string[]]),
    reason: z.string().optional(),
    held: z.boolean().optional(),
    resumeAt: time.optional(),
    attention: z.string().optional(),
    step: z.string().nullable(),
    cursor: z.unknown(),
    completedSteps: z.array(z.string()),
    labels: z.record(z.string(), z.string()).optional(),
    progress: z.object({ done: count, total: count.nullable(), skipped: count }),
    params: z.unknown(),
    result: z.unknown().optional(),
    error: ErrorSchema.optional(),
    attempts: count,
    interruptions: count,
    resumptions: count,
    slices: count,
    commits: count,
    cost: z.object({
      d1RowsRead: count,
      d1RowsWritten: count,
      d1Statements: count,
      queueOperations: count,
      durableObjectRequests: count,
    }),
    codeVersion: z.string(),
    createdAt: time,
    startedAt: time.optional(),
    updatedAt: time,
    finishedAt: time.optional(),
    parent: z.string().optional(),
    redriveOf: z.string().optional(),
    children: z.array(z.string()),
  })
  .openapi('Run')

const duration = z.union([z.number().nonnegative(), z.string()])

/** Zod's own limit on a JSON body is its shape; unknown fields are refused, not ignored. */
export const StartSchema = z
  .strictObject({
    params: z.record(z.string(), z.unknown()).optional(),
    wait: z
      .union([z.literal(true), duration])
      .optional()
      .openapi({
        description:
          "Milliseconds or '5 minutes': wait before the first slice. True: answer when the run has come to rest, after 25 s at the latest",
      }),
    hold: z
      .boolean()
      .optional()
      .openapi({ description: 'Deliberate interruptions last until the run is resumed' }),
    interrupt: z
      .strictObject({
        afterMs: z.number().nonnegative().optional(),
        afterItems: z.int().positive().optional(),
        at: z.string().max(200).optional().openapi({ example: 'order:500' }),
      })
      .optional(),
    labels: z
      .record(z.string(), z.string())
      .optional()
      .openapi({ description: 'What to find the run by later', example: { campaign: 'spring' } }),
    commit: z
      .strictObject({
        everyItems: z.int().positive().optional(),
        everyMs: z.number().positive().optional(),
      })
      .optional()
      .openapi({ description: "Overrides the job's own policy for this run" }),
  })
  .openapi('Start')

export const CommandSchema = z
  .strictObject({ hold: z.boolean().optional() })
  .openapi('CommandOptions')

/** Times are compared as texts, so they are all brought to one precision. */
export const instant = time.transform((text) => new Date(text).toISOString())

/** Which runs are meant; as a query of the list, and as the body of a bulk command. */
const runFilter = {
  status: z.enum(STATUSES as [Status, ...Status[]]).optional(),
  job: z.string().max(64).optional(),
  label: z
    .string()
    .max(200)
    .transform((text, context) => {
      const label = parseLabel(text)
      if (!label) context.addIssue(`'${text}' is not a label; expected name:value`)
      return label ?? z.NEVER
    })
    .optional()
    .openapi({ type: 'string', example: 'campaign:spring' }),
  since: instant.optional().openapi({ description: 'Created at this time or later' }),
  until: instant.optional().openapi({ description: 'Created before this time' }),
}

export const ListQuerySchema = z.strictObject({
  ...runFilter,
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
})

export const BulkSchema = z
  .strictObject({
    command: z.enum(COMMANDS as [Command, ...Command[]]),
    filter: z
      .strictObject(runFilter)
      .refine((filter) => Object.values(filter).some((part) => part !== undefined), {
        message: 'name at least one of status, job, label, since and until',
      }),
  })
  .openapi('Bulk')

export const RunPageSchema = z
  .object({ runs: z.array(RunSchema), nextCursor: z.string().nullable() })
  .openapi('RunPage')

export const CheckpointSchema = z
  .object({
    run: z.string(),
    job: z.string(),
    style: z.string(),
    status: z.string(),
    step: z.string().nullable(),
    cursor: z.unknown(),
    completedSteps: z.array(z.string()),
    nestedSteps: z.record(z.string(), z.unknown()).optional(),
    resumptions: count,
    updatedAt: time,
    seq: count,
    fence: count,
    bytes: count.openapi({ description: 'What the checkpoint takes up in D1' }),
  })
  .openapi('Checkpoint')

export const SkipsQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
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
        error: z.unknown(),
        attempts: count,
        skippedAt: time,
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('Skips')

export const SlicesSchema = z.object({
  slices: z.array(
    z.object({
      n: count,
      fence: count,
      startedAt: time,
      endedAt: time.nullable(),
      outcome: z.string(),
      reason: z.string().nullable(),
      items: count,
      commits: count,
      error: ErrorSchema.nullable(),
    }),
  ),
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

export const JobSchema = z
  .object({
    name: z.string(),
    style: z.string(),
    unit: z.string(),
    unitSize: z.int().positive().optional(),
    params: z.unknown(),
    sensitive: z
      .array(z.string())
      .optional()
      .openapi({
        description: 'Paths of params that are never shown',
        example: ['apiKey', 'smtp.password'],
      }),
  })
  .openapi('Job')

export const AlertSchema = z
  .object({
    id: z.int(),
    run: z.string(),
    job: z.string(),
    kind: z.enum(ALERT_KINDS as [AlertKind, ...AlertKind[]]),
    message: z.string(),
    raisedAt: time,
    clearedAt: time.nullable().openapi({ description: 'Null while it is open' }),
  })
  .openapi('Alert')

/** In the path: the number of a row. */
export const NumberedParam = z.object({
  id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER),
})

/** The answers every route may give besides its own. */
export const problems = {
  default: {
    description: 'A problem document (RFC 9457)',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
}

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } }
}
