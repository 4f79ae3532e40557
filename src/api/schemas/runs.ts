import { z } from '@hono/zod-openapi'
import { digits } from './digits.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { ErrorSchema } from './run-error.ts'
import { MAX_LANES } from '../../engine/job/lanes-problem.ts'
import { INTERRUPTION_REASONS, STATUSES } from '../../engine/run.ts'

/** The API's JSON, once: what validates a request also documents it, and gives the client its types. */

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
  })
  .openapi('Problem')

export const count = z.int().nonnegative()
export const time = z.iso.datetime()
export const style = z.enum(['continuable', 'iteration'])
export const status = z.enum(STATUSES)

const cost = z.object({
  d1RowsRead: count,
  d1RowsWritten: count,
  d1Statements: count,
  queueOperations: count,
  durableObjectRequests: count,
})
const retry = z.object({ failed: count, limit: count.nullable() })
const lease = z.object({ heardAt: time, endsAt: time })
const pace = z.object({ items: count, wayMs: count })

const LaneSchema = z
  .object({
    lane: count,
    status,
    reason: mayBeMissing(z.enum(INTERRUPTION_REASONS)),
    resumeAt: mayBeMissing(time),
    attention: mayBeMissing(z.string()),
    cursor: z.unknown(),
    progress: z.object({ done: count, skipped: count }),
    error: mayBeMissing(ErrorSchema),
    attempts: count,
    retry: mayBeMissing(retry),
    lease: mayBeMissing(lease),
    interruptions: count,
    resumptions: count,
    slices: count,
    workedMs: count,
    commits: count,
    pace: mayBeMissing(pace),
    cost,
    updatedAt: time,
  })
  .openapi('Lane')

export const RunSchema = z
  .object({
    id: z.string(),
    job: z.string(),
    style,
    status,
    reason: mayBeMissing(z.enum(INTERRUPTION_REASONS)),
    held: mayBeMissing(z.boolean()),
    resumeAt: mayBeMissing(time),
    waitingSince: mayBeMissing(time),
    attention: mayBeMissing(z.string()),
    step: z.string().nullable(),
    cursor: z.unknown(),
    completedSteps: z.array(z.string()),
    labels: mayBeMissing(z.record(z.string(), z.string()).readonly()),
    progress: z.object({ done: count, total: count.nullable(), skipped: count }),
    params: z.unknown(),
    result: mayBeMissing(z.unknown()),
    error: mayBeMissing(ErrorSchema),
    attempts: count,
    retry: mayBeMissing(retry).openapi({
      description:
        'Attempts in a row that got no further and failed, and how many make the run fail, null for no limit: while it is tried again, and when it gave up; the latter not in lists',
    }),
    lease: mayBeMissing(lease).openapi({
      description:
        'While a slice is at work: its last sign of life, and when it counts as gone without a further one. Not in lists',
    }),
    interruptions: count,
    resumptions: count,
    slices: count,
    workedMs: count.openapi({
      description:
        'How long its slices have worked on it, waits left out; of an ended run a list has what was known before its last slice',
    }),
    commits: count,
    pace: mayBeMissing(pace).openapi({
      description:
        'Items of the next commit, and how long a commit takes however few it has: the way to the database and back. Not in lists',
    }),
    lanes: mayBeMissing(z.array(LaneSchema)).openapi({
      description:
        'The lanes that its walk was cut into, each with its own place; what stands beside them is of all together. Not in lists',
    }),
    commit: mayBeMissing(
      z.object({ everyItems: mayBeMissing(z.number()), everyMs: mayBeMissing(z.number()) }),
    ).openapi({ description: "The policy that it was started with, instead of the job's own" }),
    cost,
    codeVersion: z.string(),
    createdAt: time,
    startedAt: mayBeMissing(time),
    updatedAt: time,
    finishedAt: mayBeMissing(time),
    parent: mayBeMissing(z.string()),
    schedule: mayBeMissing(z.object({ name: z.string(), tick: time.nullable() })).openapi({
      description: 'The schedule that has started it, and for which tick; null: a person asked',
    }),
    redriveOf: mayBeMissing(z.string()),
    forkOf: mayBeMissing(z.object({ run: z.string(), seq: count })).openapi({
      description: 'The commit of another run that this one goes on from',
    }),
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
          "Milliseconds, '5 minutes' or a time like '2026-12-24T18:00:00Z': wait before the first slice. True: answer when the run has come to rest, after 25 s at the latest",
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
    lanes: z.int().min(1).max(MAX_LANES).optional().openapi({
      description:
        "Cuts the walk of an iteration into so many lanes, instead of the job's own number",
    }),
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
  .strictObject({
    hold: z
      .boolean()
      .optional()
      .openapi({ description: 'With interrupt: until somebody resumes the run' }),
    now: z
      .boolean()
      .optional()
      .openapi({ description: 'With resume: at once, also when the run waits for a time' }),
    passOver: z.string().min(1).max(1_000).optional().openapi({
      description:
        "With retry: the item that the run failed at, as its error's `at.place` names it. It is not tried again, but recorded as skipped, once",
    }),
  })
  .openapi('CommandOptions')

export const RunPageSchema = z
  .object({ runs: z.array(RunSchema), nextCursor: z.string().nullable() })
  .openapi('RunPage')

/** In the path: the number of a row. */
export const NumberedParam = z.object({
  id: digits(1),
})

/** The answers every route may give besides its own. */
export const problems = {
  default: {
    description: 'A problem document (RFC 9457)',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
}

/** A response of that JSON, as a route describes it. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } }
}
