import { z } from '@hono/zod-openapi'
import { TICK_OUTCOMES } from '../../schedules/tick.ts'
import { alertKind } from './alerts.ts'
import { ErrorGroupSchema } from './errors.ts'
import { mayBeMissing } from './may-be-missing.ts'
import { ErrorSchema } from './run-error.ts'
import { count, status, time } from './runs.ts'

/** The JSON about all runs together: how they do, and which start by the clock. */

const ms = z.number().nonnegative().nullable()
const Quantiles = z.object({ p50: ms, p95: ms, p99: ms })

export const OverviewSchema = z
  .object({
    at: time,
    runsByStatus: z.record(status, count),
    completedWithSkips: count.openapi({
      description: 'Of those that have completed, the ones that have skipped items',
    }),
    activeContinuations: count.openapi({
      description: 'Runs under way that have a checkpoint to go on from',
    }),
    averageResumptions: z.number().nullable().openapi({
      description: 'How often a run was resumed, on average of those that have ended',
    }),
    longestRunning: z.object({ run: z.string(), job: z.string(), ms: z.number() }).nullable(),
    checkpointHealth: z
      .object({
        judged: count,
        healthy: count,
        share: z.number().min(0).max(1),
        allowedMs: count,
        stale: z.array(z.object({ run: z.string(), job: z.string(), status, quietMs: z.number() })),
      })
      .openapi({ description: 'Runs that have not committed for longer than they may' }),
    itemsPerSecond: z.number().openapi({ description: 'Over the last one to two minutes' }),
    commitMs: Quantiles,
    queueLagMs: Quantiles,
    skips: count,
    retries: count,
    needsAttention: z.array(
      z.object({
        run: z.string().nullable().openapi({
          description: 'Null when it is about a schedule; the newest one of a group of errors',
        }),
        job: z.string(),
        status: status.nullable(),
        schedule: mayBeMissing(z.string()),
        problem: z.string(),
        kind: alertKind,
        at: time.openapi({
          description: 'When it was raised; of a group of errors, when it last occurred',
        }),
        alert: z.int().openapi({ description: 'Id of the alert' }),
        group: mayBeMissing(ErrorGroupSchema),
      }),
    ),
  })
  .openapi('Overview')

const TickSchema = z
  .object({
    tick: time,
    outcome: z.enum(TICK_OUTCOMES).openapi({
      description:
        '`waiting`: its run is still to be started; `failed`: its run could not be started; `skipped`: the run before was still at work; `missed`: the cron trigger did not fire then',
    }),
    run: z.string().nullable().openapi({
      description: 'The run that it started; of a tick that was skipped, the one still at work',
    }),
    error: mayBeMissing(ErrorSchema),
    byHand: mayBeMissing(z.literal(true)).openapi({
      description: 'A person asked for it, and not the clock',
    }),
  })
  .openapi('Tick')

export const ScheduleSchema = z
  .object({
    name: z.string(),
    job: z.string(),
    cron: z.string().openapi({ example: '0 3 * * *' }),
    timeZone: z.string().openapi({ example: 'UTC' }),
    overlap: z.enum(['skip', 'queue', 'allow']),
    nextTick: time,
    lastRun: z.object({ run: z.string(), tick: time }).nullable(),
    waitingTick: time.nullable(),
    lastSkippedTick: time.nullable(),
    started: count,
    skipped: count,
    error: mayBeMissing(ErrorSchema),
    failingSince: time.nullable().openapi({
      description: 'The first of the ticks in a row whose runs could not be started',
    }),
    pausedAt: time.nullable().openapi({ description: 'Null while its ticks start runs' }),
    ticks: z.array(TickSchema).openapi({ description: 'The last 20, the newest first' }),
  })
  .openapi('Schedule')

export const SchedulesSchema = z.object({ schedules: z.array(ScheduleSchema) })
