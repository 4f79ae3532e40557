import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { steerRuns } from '../../src/api/steer-runs.ts'
import { type Driving, LEASE_MS } from '../../src/engine/drive/driving.ts'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import type { StoredFlags } from '../../src/engine/drive/stored-driving.ts'
import type { Job, RunView } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import type { StartOptions } from '../../src/engine/runs/start.ts'
import type { SliceDeps } from '../../src/engine/slice/deps.ts'
import { shopJobs } from '../../src/shop/jobs/index.ts'
import { type TestBench, testBench, TestClock } from '../../src/testing/index.ts'
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

/**
 * Where all of this happens: the exported kit, on a clock that ticks. Tests hold a run's times against the
 * machine's, and some of their work takes real time.
 */
export let bench = aBench()

function aBench(): TestBench {
  return testBench({ jobs: registry.all(), clock: TestClock.ticking() })
}

/** Another one, whose time no test has moved yet. */
export function renewBench(): void {
  bench = aBench()
}

/** Starts a run and gives its id. */
export async function start(job: Job, { params, ...settings }: StartOptions = {}): Promise<string> {
  return (await bench.start(job, params as Record<string, unknown> | undefined, settings)).id
}

/** The run's Durable Object, for calls. */
export function object(run: string): DurableObjectStub<RunHost> {
  return bench.objects(run) as unknown as DurableObjectStub<RunHost>
}

/** The run's Durable Object, to look into it. */
export function stub(run: string): DurableObjectStub<RunHost> {
  return env.RUNS.getByName(run)
}

export type Overrides = Partial<SliceDeps> & { DB?: D1Database; jobs?: Registry }

/** What a slice works with here; `DB` replaces the binding, any other part the part of that name. */
export function deps(overrides: Overrides = {}): SliceDeps {
  return bench.deps(partsOf(overrides))
}

export function partsOf({ DB, ...others }: Overrides): Partial<SliceDeps> {
  return { jobs: registry, ...(DB && { env: { ...env, DB } }), ...others }
}

/** The message that is due, though it may not be sent yet. */
export async function due(run: string): Promise<SliceMessage> {
  return { run, lane: 0, n: (await driving(run)).n }
}

/** Delivers the message that is due, though it may not be sent yet, or one of the past (`n`): one slice. */
export async function deliver(
  run: string,
  { n, ...overrides }: Overrides & { n?: number } = {},
): Promise<void> {
  const message = n === undefined ? await due(run) : { run, lane: 0, n }
  await bench.redeliver(message, { deps: partsOf(overrides) })
}

/** Delivers until the run stands still: ended, paused or held. No time passes for its waits. */
export async function drain(run: string, overrides: Overrides = {}): Promise<RunView> {
  for (let slices = 0; slices < 1_000; slices++) {
    const before = await view(run)
    if (before.finishedAt || before.status === 'paused' || before.held) return before
    await deliver(run, overrides)
  }
  throw new Error('1,000 slices and no end')
}

export function view(run: string): Promise<RunView> {
  return bench.view(run)
}

/** The state of the run's Durable Object. */
export async function driving(run: string): Promise<Driving> {
  return runInDurableObject(stub(run), (_instance: RunHost, state) => {
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
  await runInDurableObject(stub(run), (_instance: RunHost, state) => {
    state.storage.sql.exec('UPDATE run SET driving = ?', JSON.stringify(changed))
  })
  await bench.evict(run)
}

/** The lease of the slice that works on the run is to run out at once. */
export async function expireLease(run: string): Promise<void> {
  const { lease } = await driving(run)
  await setDriving(run, { lease: lease && { ...lease, until: 1 } })
}

/** Lets that much time pass. The run's object looks at the clock then; its own alarm may come a second later. */
export async function passTime(run: string, ms: number = LEASE_MS + 1): Promise<void> {
  await bench.clock.advance(ms)
  await runInDurableObject(stub(run), (instance: RunHost) => {
    instance.clock = bench.clock
    return instance.alarm()
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
