import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { steerRuns } from '../../src/api/steer-runs.ts'
import { type Driving, LEASE_MS } from '../../src/engine/drive/driving.ts'
import type { StoredFlags } from '../../src/engine/drive/stored-driving.ts'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import type { Job, RunView } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { startRun } from '../../src/engine/runs/index.ts'
import type { StartOptions } from '../../src/engine/runs/start.ts'
import { workerDeps } from '../../src/engine/slice/consumer.ts'
import type { SliceDeps } from '../../src/engine/slice/deps.ts'
import { runSlice } from '../../src/engine/slice/slice.ts'
import { StatementBudget } from '../../src/engine/store/d1/metered-database.ts'
import { shopJobs } from '../../src/shop/jobs/index.ts'
import { appendJobs } from './jobs.ts'

/**
 * Drives runs by hand, one slice at a time: the tests' queue. Durable Objects, D1 and R2 are the real
 * ones; the real queue has no consumer in these tests.
 */
export const registry = new Registry([...shopJobs, steerRuns, ...appendJobs])

export async function createTables(): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(
      'CREATE TABLE IF NOT EXISTS appended (run_id TEXT NOT NULL, item INTEGER NOT NULL)',
    ),
    env.DB.prepare('CREATE TABLE IF NOT EXISTS numbers (id INTEGER PRIMARY KEY)'),
  ])
}

/** Starts a run and gives its id. */
export async function start(job: Job, options: StartOptions = {}): Promise<string> {
  const created = await startRun(runObjects(env), job, options)
  if (!created.ok) throw new Error(created.code)
  return created.run.id
}

export function object(run: string): DurableObjectStub<RunHost> {
  return env.RUNS.getByName(run)
}

export type Overrides = Partial<SliceDeps> & { DB?: D1Database; jobs?: Registry }

/** What a slice works with here; `DB` replaces the binding, any other part the part of that name. */
export function deps({ DB, ...overrides }: Overrides = {}): SliceDeps {
  const base = workerDeps(env, registry)
  const bindings = DB ? { ...env, DB } : env
  return { ...base, env: bindings, statements: new StatementBudget(1_000), ...overrides }
}

/** Delivers the message that is due (or an `n` of the past): one slice, from claim to release. */
export async function deliver(
  run: string,
  overrides: Overrides & { n?: number } = {},
): Promise<void> {
  const { n = (await driving(run)).n, ...rest } = overrides
  await runSlice({ run, lane: 0, n }, deps(rest))
}

/** Delivers until the run stands still: ended, paused or held. */
export async function drain(run: string, overrides: Overrides = {}): Promise<RunView> {
  for (let slices = 0; slices < 1_000; slices++) {
    const before = await view(run)
    if (before.finishedAt || before.status === 'paused' || before.held) return before
    await deliver(run, overrides)
  }
  throw new Error('1,000 slices and no end')
}

export async function view(run: string): Promise<RunView> {
  const shown = await runObjects(env)(run).describe()
  if (!shown) throw new Error(`no run ${run}`)
  return shown
}

/** The state of the run's Durable Object. */
export async function driving(run: string): Promise<Driving> {
  return runInDurableObject(object(run), (_instance: RunHost, state) => {
    const row = state.storage.sql.exec<{ driving: string }>('SELECT driving FROM run').one()
    return JSON.parse(row.driving) as Driving
  })
}

type DrivingOrFlags = Driving & StoredFlags

/**
 * Changes the state of the run's Durable Object, which forgets what it had in memory. What is undefined
 * is removed, as if older code had written the state.
 */
export async function setDriving(
  run: string,
  changes: { [Key in keyof DrivingOrFlags]?: DrivingOrFlags[Key] | undefined },
): Promise<void> {
  const changed = { ...(await driving(run)), ...changes }
  await runInDurableObject(object(run), (_instance: RunHost, state) => {
    state.storage.sql.exec('UPDATE run SET driving = ?', JSON.stringify(changed))
  })
  await evictDurableObject(object(run))
}

/** The lease of the slice that works on the run is to run out at once. */
export async function expireLease(run: string): Promise<void> {
  const { lease } = await driving(run)
  await setDriving(run, { lease: lease && { ...lease, until: 1 } })
}

/** Moves the object's clock on and lets its alarm ring, as if that much time had passed. */
export async function passTime(run: string, ms: number = LEASE_MS + 1): Promise<void> {
  await runInDurableObject(object(run), async (instance: RunHost) => {
    const { clock } = instance
    const offset = ms
    instance.clock = { ...clock, now: () => clock.now() + offset }
    await instance.alarm()
  })
}

/** What the effects have left behind, in order of item. */
export async function appended(run: string): Promise<number[]> {
  const { results } = await env.DB.prepare(
    'SELECT item FROM appended WHERE run_id = ? ORDER BY item',
  )
    .bind(run)
    .all<{ item: number }>()
  return results.map(({ item }) => item)
}

export async function truth(run: string): Promise<{
  status: string
  fence: number
  seq: number
  commits: number
  closed_at: string | null
}> {
  const row = await env.DB.prepare(
    'SELECT status, closed_at, fence, seq, commits FROM dogear_runs JOIN dogear_lanes ON run_id = id WHERE id = ?',
  )
    .bind(run)
    .first<{
      status: string
      fence: number
      seq: number
      commits: number
      closed_at: string | null
    }>()
  if (!row) throw new Error(`no rows of run ${run}`)
  return row
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}
