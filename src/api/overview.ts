import { createRoute, z } from '@hono/zod-openapi'
import {
  ALERT_KINDS,
  readOverview,
  STATUSES,
  type AlertKind,
  type Status,
} from '../engine/index.ts'
import { router } from './router.ts'
import { json, problems } from './schemas.ts'

const count = z.int().nonnegative()
const status = z.enum(STATUSES as [Status, ...Status[]])
const ms = z.number().nonnegative().nullable()
const Quantiles = z.object({ p50: ms, p95: ms, p99: ms })

const OverviewSchema = z
  .object({
    at: z.iso.datetime(),
    runsByStatus: z.record(status, count),
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
        run: z.string(),
        job: z.string(),
        status,
        problem: z.string(),
        kind: z.enum(ALERT_KINDS as [AlertKind, ...AlertKind[]]),
        alert: z.int().openapi({ description: 'Id of the alert' }),
      }),
    ),
  })
  .openapi('Overview')

const overview = createRoute({
  method: 'get',
  path: '/',
  summary: 'How all runs are doing',
  responses: { 200: json(OverviewSchema, 'As of now'), ...problems },
})

export function overviewRoutes() {
  const app = router()
  app.openapi(overview, async (c) => c.json(await readOverview(c.env.DB, Date.now()), 200))
  return app
}
