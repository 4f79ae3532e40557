import { existsSync, openAsBlob } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run, StartOptions, Verification } from '../../src/client/index.ts'
import type { Snapshot } from '../../src/shop/client.ts'
import { PROJECT } from '../../src/cli/local/wrangler.ts'
import { isEnded } from '../../src/engine/run.ts'
import { dogear, dogearJson } from './support/dogear.ts'
import { spread } from './support/figures.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { killSeed, randomFrom } from './support/random.ts'
import { eventually } from './support/wait.ts'

const FILE = join(PROJECT, '../shared/data/online-retail-2010-12.csv.gz')
const STYLES = ['process-orders', 'process-orders-iteration']

// Computed from the file by other means; see DESIGN.md, section 7.
const LINES = 42_481
const ORDERS = 2_025
const AMOUNT_CENTS = 74_895_702
const IMPORTED = {
  lines: LINES,
  customers: 948,
  orders: { total: ORDERS, pending: ORDERS, guest: 317 },
  logRows: 0,
}
const COMPLETED = {
  status: 'completed',
  completedSteps: ['validate', 'process', 'reprocess', 'finalize'],
  progress: { done: LINES, total: LINES },
  result: { lines: LINES, orders: ORDERS, amountCents: AMOUNT_CENTS },
}
const PROCESSED = {
  lines: LINES,
  customers: 948,
  orders: { total: ORDERS, pending: 0, processed: 1_559, failed: 466, guest: 317 },
  failures: { cancelled: 326, non_positive_total: 140 },
  processedTotalCents: 82_374_614,
  logRows: ORDERS,
  duplicates: 0,
}

const missing = !existsSync(FILE)
if (missing) console.warn(`Skipped: the tests of a real month of orders need ${FILE}`)

describe.skipIf(missing)('A real month of orders', () => {
  const seed = killSeed()
  const random = randomFrom(seed)
  const backAfterMs: number[] = []
  let worker: FreshWorker

  beforeAll(async () => {
    // Short slices: after a kill the first one commits every item, to find a culprit. And some way to D1, so that
    // no machine is too fast for the kills.
    worker = await startFreshWorker({ vars: { SLICE_WALL_MS: '1000', SIMULATE: 'd1=5' } })
  })

  afterAll(async () => {
    await worker?.remove()
    if (backAfterMs.length > 0) {
      console.log(`real data, KILL_SEED=${seed}: back after: ${spread(backAfterMs)}`)
    }
  })

  it('is imported by the command', async () => {
    const run = await dogearJson<Run>(worker.url, 'import', FILE)
    expect(run).toMatchObject(COMPLETED)
    expect(await snapshot()).toMatchObject(IMPORTED)
    await verifyByCommand()
  })

  it.each(STYLES)('is processed by %s, started by the command', async (job) => {
    await dogearJson(worker.url, 'reset')
    const run = await dogearJson<Run>(worker.url, 'run', job, '--wait')
    expect(run).toMatchObject({ status: 'completed', progress: { done: ORDERS } })
    expect(await snapshot()).toMatchObject(PROCESSED)
    await verifyByCommand()
  })

  it('is imported just the same by a Worker that is killed three times', async () => {
    await worker.client.clean()
    const params = await uploadOnly()
    const run = await completeInSpiteOfKills('import-orders', LINES, {
      params,
      commit: { everyItems: 500 },
    })
    expect(run).toMatchObject(COMPLETED)
    expect(await snapshot()).toMatchObject(IMPORTED)
    await verifyByCommand()
  })

  it.each(STYLES)(
    'is processed just the same by %s on a Worker that is killed three times',
    async (job) => {
      await worker.client.reset()
      const run = await completeInSpiteOfKills(job, ORDERS, { commit: { everyItems: 8 } })
      expect(run).toMatchObject({ status: 'completed', progress: { done: ORDERS } })
      expect(await snapshot()).toMatchObject(PROCESSED)
      await verifyByCommand()
    },
  )

  async function snapshot(): Promise<Snapshot> {
    return dogearJson<Snapshot>(worker.url, 'snapshot')
  }

  async function verifyByCommand(): Promise<void> {
    const { code, stdout } = await dogear(worker.url, '--json', 'verify', 'last')
    const { checks } = JSON.parse(stdout) as Verification
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(code).toBe(0)
  }

  /**
   * An upload starts its own import, which is soon done: too soon to be killed three times. Cancelled
   * while it still only reads, it leaves the file and nothing else.
   */
  async function uploadOnly(): Promise<Record<string, unknown>> {
    for (let tries = 0; tries < 5; tries++) {
      // Not by the command: until that has said its last, all of it may be read.
      const { id, params } = await worker.client.upload(basename(FILE), await openAsBlob(FILE))
      await worker.client.command(id, 'cancel')
      await eventually('the cancelled import', 10_000, async () =>
        isEnded((await worker.client.run(id)).status),
      )
      const { lines, orders } = await snapshot()
      if (lines === 0 && orders.total === 0) return params as Record<string, unknown>
      await worker.client.clean()
    }
    throw new Error('Five imports were too fast to be cancelled while they only read')
  }

  /** Starts a run and kills its Worker at a random point in each third of its items, not just before the end. */
  async function completeInSpiteOfKills(job: string, items: number, options: StartOptions) {
    const { client } = worker
    const { id } = await client.start(job, options)
    for (const third of [0, 1, 2]) {
      const item = Math.floor(((third + 0.4 * random()) / 3) * items)
      await eventually(`item ${item} of ${job}`, 60_000, async () => {
        const { status, progress } = await client.run(id)
        if (isEnded(status)) throw new Error(`${job} was too fast to be killed at item ${item}`)
        return progress.done >= item
      })
      await worker.kill9()
      await worker.restart()
      const restartedAt = Date.now()
      const before = await position(id)
      await eventually(`${job} going on`, 15_000, async () => (await position(id)) !== before)
      backAfterMs.push(Date.now() - restartedAt)
    }
    await eventually(`the end of ${job}`, 60_000, async () =>
      isEnded((await client.run(id)).status),
    )
    return client.run(id)
  }

  /** Where D1 says the run has come to: only a commit changes that. */
  async function position(id: string): Promise<string> {
    const { completedSteps, step, cursor } = await worker.client.checkpoint(id)
    return JSON.stringify([completedSteps, step, cursor])
  }
})
