import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { verifyLedger } from '../../src/engine/runs/index.ts'
import { CHILDREN, hostileJobs, unruly, type HostileJob } from './hostile-jobs.ts'
import { HostileWorld, type Harm } from './hostile-world.ts'
import { upTo } from './drive.ts'
import { TIMES } from './times.ts'

/** Schedules at the same time: part of each is waiting for D1. */
const AT_ONCE = 16
const TURNS = 14

export const EVERYTHING: Harm = { timeTravel: true, lostStorage: true, statementLimits: true }

/** Tries that many schedules, or a multiple of it (`TIMES`). A failure names its seed: `HOSTILE_SEED=7 npx vitest run FILE` replays it alone. */
export async function survivesHostility(
  job: HostileJob,
  schedules: number,
  harm: Harm = {},
): Promise<void> {
  const replay = Number(env.HOSTILE_SEED)
  const first = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  const seeds = replay ? [replay] : upTo(schedules * TIMES).map((n) => (first + n) >>> 0)
  const next = seeds[Symbol.iterator]()
  await Promise.all(
    upTo(AT_ONCE).map(async () => {
      for (const seed of next) await survives(job, seed, harm)
    }),
  )
}

async function survives(tried: HostileJob, seed: number, harm: Harm): Promise<void> {
  const world = new HostileWorld(seed, hostileJobs, harm)
  const items = 1 + world.random.below(5)
  try {
    const run = await world.start(tried.job, items)
    unruly.set(run, world.random)
    for (let turn = 0; turn < TURNS; turn++) await world.turn()
    unruly.delete(run)
    await world.calm()
    await world.settle()
    await requireSound(world, run, tried, items)
  } catch (error) {
    throw new Error(
      `HOSTILE_SEED=${seed}: ${(error as Error).message}\n- ${world.log.join('\n- ')}`,
      { cause: error },
    )
  }
}

/** Every effect once, by the run and by those that follow it; and everybody says so. */
async function requireSound(
  world: HostileWorld,
  run: string,
  { effects, result, follows }: HostileJob,
  items: number,
): Promise<void> {
  const [found, view, checks] = await Promise.all([
    foundOf(run),
    world.view(run),
    verifyLedger(env.DB, run),
  ])
  const kept = upTo(items).filter((item) => !found.skipped.includes(item))
  const inOrder = (list: number[]): number[] => list.toSorted((a, b) => a - b)
  const children = follows ? CHILDREN.map((list) => ({ items: list, status: 'completed' })) : []
  expect(found).toEqual({
    status: 'completed',
    shown: 'completed',
    closed: 1,
    items: inOrder(effects(kept)),
    skipped: [...new Set(found.skipped)],
    children,
  })
  expect(view).toMatchObject({
    status: 'completed',
    progress: { skipped: found.skipped.length },
  })
  expect(view?.result).toEqual(result(kept))
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
}

interface Found {
  status: string
  shown: string
  closed: number
  items: number[]
  skipped: number[]
  children: { items: number[]; status: string }[]
}

/** What D1 has of a run and of those that follow it; in one query, a test makes thousands. */
async function foundOf(run: string): Promise<Found> {
  const items = (of: string) =>
    `(SELECT json_group_array(item ORDER BY item) FROM appended WHERE run_id = ${of})`
  const found = await env.DB.prepare(
    `SELECT json_object('status', status, 'shown', shown_status, 'closed', closed_at IS NOT NULL,
       'items', json(${items('dogear_runs.id')}),
       'skipped', (SELECT json_group_array(cursor + 1) FROM dogear_skips WHERE run_id = dogear_runs.id),
       'children', (SELECT json_group_array(json_object('items', json(${items('child.id')}), 'status', child.status) ORDER BY key)
          FROM json_each(dogear_runs.children) JOIN dogear_runs AS child ON child.id = value ->> 'id')) AS found
     FROM dogear_runs WHERE id = ?1`,
  )
    .bind(run)
    .first<string>('found')
  if (!found) throw new Error(`no run ${run} in D1`)
  return JSON.parse(found) as Found
}
