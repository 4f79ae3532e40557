import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isEnded } from '../../src/engine/run.ts'
import type { Checkpoint, Run, StartOptions } from '../../src/client/index.ts'
import { silentDisplay } from '../../src/cli/text/display.ts'
import { follow } from '../../src/cli/follow.ts'
import { atRest } from '../../src/cli/verbs/runs.ts'
import { deploy, deployedConfig } from './support/deployment.ts'
import { dogearJson } from './support/dogear.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'

/**
 * The four ways to interrupt a run, each from the command line and over HTTP, on a real Worker:
 * the end of its process (a redeploy here; SIGTERM is in `cli.test.ts`, SIGKILL in `kill.test.ts`),
 * a request, a time, and a place.
 */
/** Enough to last longer than a command takes to start, and wrangler to load new code, on a busy machine. */
const ORDERS = 400
const WITHIN_MS = 30_000

interface Way {
  way: string
  job: string
  /** What the checkpoint shows just before order 60: steps name the next item, iterations the last. */
  before60: number
  /** Starts a run; what is asked of the API, and the same as flags of the command. */
  start: (options: StartOptions, flags: string) => Promise<Run>
  command: (id: string, what: 'interrupt' | 'resume', hold?: 'hold') => Promise<Run>
}

let worker: FreshWorker

beforeAll(async () => {
  worker = await startFreshWorker({}, deployedConfig)
  await worker.client.seed({ orders: ORDERS })
})

afterAll(async () => {
  await worker?.remove()
})

beforeEach(async () => {
  await worker.client.reset()
})

const dogear = <T>(...args: string[]) => dogearJson<T>(worker.url, ...args)

const WAYS: Way[] = [
  {
    way: 'the command line',
    job: 'process-orders',
    before60: 60,
    start: (_options, flags) => dogear('run', 'process-orders', ...flags.split(' ')),
    command: (id, what, hold) => dogear(what, id, ...(hold ? ['--hold'] : [])),
  },
  {
    way: 'the API',
    job: 'process-orders-iteration',
    before60: 59,
    start: (options) => worker.client.start('process-orders-iteration', options),
    command: (id, what, hold) => worker.client.command(id, what, hold ? { hold: true } : {}),
  },
]

function until(id: string, isSo: (run: Run) => boolean): Promise<Run> {
  const options = { display: silentDisplay, until: isSo, everyMs: 20, withinMs: WITHIN_MS }
  return follow(worker.client, id, options)
}

const inMidRun = (id: string) => until(id, (run) => run.progress.done >= 20 || isEnded(run.status))

/** The run to its end: nothing missing, nothing twice. */
async function completed(id: string): Promise<Run> {
  const run = await until(id, (seen) => isEnded(seen.status))
  expect(run).toMatchObject({ status: 'completed', progress: { done: ORDERS } })
  const { checks } = await worker.client.verification(id)
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
  expect(await worker.client.snapshot()).toMatchObject({ logRows: ORDERS, duplicates: 0 })
  return run
}

/** The run at rest, with nothing that would bring it back by itself. */
async function held(id: string): Promise<Run> {
  const run = await until(id, atRest)
  expect(run).toMatchObject({ status: 'interrupted', reason: 'signal', held: true })
  expect(run.resumeAt).toBeUndefined()
  expect(run.progress.done).toBeLessThan(ORDERS)
  return run
}

describe.each(WAYS)('Over $way, a run', ({ start, command, before60 }) => {
  it('is interrupted by a request, and goes on by itself', async () => {
    const { id } = await start({ commit: { everyItems: 1 } }, '--commit-every 1')
    expect((await inMidRun(id)).progress.done).toBeLessThan(ORDERS)
    await command(id, 'interrupt')
    const run = await completed(id)
    expect(run.interruptions).toBeGreaterThanOrEqual(1)
    expect(run.resumptions).toBe(run.interruptions)
  })

  it('is interrupted by a request with hold, and stays so until it is resumed', async () => {
    const { id } = await start({ commit: { everyItems: 1 } }, '--commit-every 1')
    await inMidRun(id)
    await command(id, 'interrupt', 'hold')
    const { progress } = await held(id)
    expect(progress.done).toBeGreaterThanOrEqual(20)
    await command(id, 'resume')
    await completed(id)
  })

  it('is interrupted after a time', async () => {
    const { id } = await start(
      { interrupt: { afterMs: 300 }, hold: true, commit: { everyItems: 1 } },
      '--interrupt-after 300ms --hold --commit-every 1',
    )
    expect((await held(id)).progress.done).toBeGreaterThanOrEqual(1)
    await command(id, 'resume')
    await completed(id)
  })

  it('is interrupted after a number of items, exactly, and goes on by itself', async () => {
    const { id } = await start({ interrupt: { afterItems: 40 } }, '--interrupt-after-items 40')
    const run = await completed(id)
    expect(run).toMatchObject({ interruptions: 1, resumptions: 1, slices: 2 })
    const { slices } = await worker.client.slices(id)
    expect(slices.map(({ items, reason }) => ({ items, reason }))).toEqual([
      { items: 40, reason: 'signal' },
      { items: ORDERS - 40, reason: null },
    ])
  })

  it('is interrupted just before an item, and held there', async () => {
    const { id } = await start(
      { interrupt: { at: 'order:60' }, hold: true },
      '--interrupt-at order:60 --hold',
    )
    expect((await held(id)).progress.done).toBe(59)
    expect(await dogear<Checkpoint>('checkpoint', id)).toMatchObject({ cursor: before60 })
    await command(id, 'resume')
    expect(await completed(id)).toMatchObject({ interruptions: 1, resumptions: 1 })
  })
})

describe('A redeploy in the middle of a slice', () => {
  it('is survived: the run goes on by itself, with the new code', async () => {
    const { id } = await worker.client.start('process-orders', { commit: { everyItems: 1 } })
    const before = await inMidRun(id)
    expect(before.status).toBe('running')

    await deploy(worker, 2)
    const deployedAt = Date.now()
    const { orders } = await worker.client.snapshot()
    expect(orders.pending).toBeGreaterThan(0)

    const after = await completed(id)
    console.log(`completed ${Date.now() - deployedAt} ms after a redeploy at ${orders.processed}`)
    expect(after.slices).toBeGreaterThanOrEqual(2)
    expect(after.codeVersion).not.toBe(before.codeVersion)
  })
})
