import type { RunHost } from '../../durable-objects/run-host.ts'
import { bindingsOf } from '../engine/bindings.ts'
import { runObjects } from '../engine/drive/run-objects.ts'
import { log } from '../engine/log.ts'
import { sweep } from '../engine/runs/sweep.ts'
import {
  judgeRuns,
  judgeSchedules,
  judgeUnclosed,
  pruneMetrics,
  tendErrorGroups,
} from '../monitoring/index.ts'
import { pruneTicks, runSchedules, type Schedule } from '../schedules/index.ts'
import { deliverWebhooks, tendOutbox } from '../webhooks/index.ts'

const RETENTION_DAYS = 30

/**
 * What is done each minute: runs that start by the clock, runs that nobody drives, alerts, webhooks, and what
 * is old. One that fails keeps none of the others from being tried.
 */
export async function tick(
  env: Cloudflare.Env,
  schedules: readonly Schedule[],
  now: number,
  more: (db: D1Database) => Promise<void> | undefined,
): Promise<void> {
  const { db } = bindingsOf(env)
  const works = await Promise.allSettled([
    startDue(env, schedules, now),
    lookForLostRuns(env, now),
    pruneMetrics(db, now),
    pruneTicks(db, now),
    tendErrorGroups(db, now),
    more(db),
    tellPeople(env, now),
  ])
  const failed = works.flatMap((work) =>
    work.status === 'rejected' ? [work.reason as unknown] : [],
  )
  // Cloudflare shows one error of a tick; here is each.
  for (const error of failed) log.error('tick.failed', { error })
  if (failed.length > 0) throw failed[0]
}

/** An alert about a schedule is sent at once, too; the outbox of all others does not wait for schedules. */
async function startDue(
  env: Cloudflare.Env,
  schedules: readonly Schedule[],
  now: number,
): Promise<void> {
  const { db } = bindingsOf(env)
  await runSchedules({ db, objects: runObjects(env), schedules }, now)
  if ((await judgeSchedules(db, schedules, now)) > 0) await deliverWebhooks({ env })
}

async function lookForLostRuns(env: Cloudflare.Env, now: number): Promise<void> {
  const objects = (run: string) => runObjects(env)(run) as unknown as RunHost
  const { db } = bindingsOf(env)
  const { unclosed } = await sweep(db, objects, now, RETENTION_DAYS)
  await judgeUnclosed(db, unclosed, now)
}

/** In this order, so that what is found is sent at once; what was found before is sent all the same. */
async function tellPeople(env: Cloudflare.Env, now: number): Promise<void> {
  const [judged] = await Promise.allSettled([judgeRuns(bindingsOf(env).db, now)])
  if (judged.status === 'rejected') log.error('tick.failed', { error: judged.reason as unknown })
  await tendOutbox({ env })
  if (judged.status === 'rejected') throw judged.reason
}
