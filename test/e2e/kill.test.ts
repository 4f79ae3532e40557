import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../../src/client/index.ts'
import type { Snapshot } from '../../src/shop/client.ts'
import { isEnded } from '../../src/engine/run.ts'
import { WRANGLER } from '../../src/cli/local/wrangler.ts'
import { bundledWorker, SERVE } from './support/bundled-worker.ts'
import { spread } from './support/figures.ts'
import { Partner } from './support/partner.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { killSeed, randomFrom } from './support/random.ts'
import { eventually } from './support/wait.ts'
import { commitName, Witness, type WitnessedCommit } from './support/witness.ts'

/** `npm run test:long` has more. */
const TIMES = Math.min(5, Number(process.env['TEST_TIMES'] ?? 1))
const ITEMS = 13_000 * TIMES
/** The kills come in this first part of each run; the rest is for the last of them to come back in. */
const KILLED_PART = 0.75
const KILLS = 20 * TIMES
/** After those: kills that come as soon as all runs are back. */
const QUICK_KILLS = 2
/** The first start is by `wrangler dev`, and so is each restart after so many kills. The others are quicker. */
const BY_WRANGLER_EVERY = 7

/** Both styles over orders, each its own; and both over numbers, with effects that repeat no condition. */
const JOBS = [
  { job: 'process-orders', params: { from: 1, upTo: ITEMS } },
  { job: 'process-orders-iteration', params: { from: ITEMS + 1, upTo: 2 * ITEMS } },
  { job: 'append-steps', params: { items: ITEMS } },
  { job: 'append-records', params: {} },
]

/** Beside them one that asks somebody over HTTP about each item, six at once. */
const CALLS = 4_000 * TIMES
const CONCURRENCY = 6
const CALLS_PER_COMMIT = 20

/** And one in lanes, whose objects work their slices themselves. */
const LANES = 8
const ITEMS_PER_LANE_COMMIT = 10

interface Kill {
  /** The commits that D1 had been asked for and had not answered. */
  inFlight: WitnessedCommit[]
  /** Until the Worker answered again. */
  restartMs: number
  /** By run: from the restart to D1's answer to its next commit. */
  backAfterMs: Map<string, number>
}

type LedgerRow = Pick<WitnessedCommit, 'run' | 'seq' | 'fence' | 'items'>

describe(`A Worker that is killed ${KILLS + QUICK_KILLS} times at random moments`, () => {
  const seed = killSeed()
  const random = randomFrom(seed)
  const kills: Kill[] = []
  let witness: Witness
  let partner: Partner
  let asking: Run
  let inLanes: Run
  let worker: FreshWorker
  let runs: Run[]
  let ledger: LedgerRow[]
  let shop: Snapshot

  beforeAll(async () => {
    console.log(`KILL_SEED=${seed}`)
    witness = await Witness.start()
    partner = await Partner.start((item) => 20 + (item % 5) * 10)
    worker = await startFreshWorker(
      // Short slices: after a kill the first one commits every item, to find a culprit.
      {
        vars: {
          WITNESS_PORT: `${witness.port}`,
          PARTNER_PORT: `${partner.port}`,
          SLICE_WALL_MS: '500',
        },
      },
      (folder) => bundledWorker(folder, 'test/e2e/worker.ts'),
    )
    await ask('prepare', { numbers: ITEMS })
    await worker.client.seed({ orders: 2 * ITEMS })

    const startedAt = Date.now()
    runs = await Promise.all(
      JOBS.map(({ job, params }) =>
        worker.client.start(job, { params, commit: { everyItems: 5 } }),
      ),
    )
    asking = await worker.client.start('ask-partner', {
      params: { items: CALLS },
      commit: { everyItems: CALLS_PER_COMMIT },
    })
    inLanes = await worker.client.start('append-records', {
      commit: { everyItems: ITEMS_PER_LANE_COMMIT },
      lanes: LANES,
    })
    for (let left = KILLS; left > 0; left--) {
      const items = nextMoment(left)
      await eventually(`a run with ${items} items done`, 180_000, () => lead() >= items)
      // Not always just after an answer, and when every run's Durable Object has heard of its return.
      await sleep(200 + 50 * random())
      kills.push(await killAndRestart(left % BY_WRANGLER_EVERY === 0 ? WRANGLER : SERVE))
    }
    for (let left = QUICK_KILLS; left > 0; left--) kills.push(await killAndRestart(SERVE))
    runs = await Promise.all(runs.map(({ id }) => ended(id)))
    asking = await ended(asking.id)
    inLanes = await ended(inLanes.id)
    const tookMs = Date.now() - startedAt

    ledger = await ask<LedgerRow[]>('ledger')
    shop = await worker.client.snapshot()
    print(tookMs)
  }, 1_200_000 * TIMES)

  afterAll(async () => {
    witness?.close()
    partner?.close()
    await worker?.remove()
  })

  it('J182 S19 takes up each run again by itself within 15 s of each restart', () => {
    for (const { id } of runs) {
      const waits = kills.flatMap(({ backAfterMs }) => backAfterMs.get(id) ?? [])
      expect(waits.length).toBeGreaterThanOrEqual(KILLS)
      expect(waits.filter((ms) => ms > 15_000)).toEqual([])
    }
  })

  it('completes each run, with all of its items', () => {
    expect(runs.map(({ job, status, progress }) => [job, status, progress.done])).toEqual(
      JOBS.map(({ job }) => [job, 'completed', ITEMS]),
    )
  })

  it('handles each order exactly once, in both styles', () => {
    expect(shop).toMatchObject({
      orders: { total: 2 * ITEMS, pending: 0, processed: 2 * ITEMS, failed: 0 },
      logRows: 2 * ITEMS,
      duplicates: 0,
    })
  })

  it('B01 S56 appends each number exactly once, in both styles, where no condition would stop a second time', async () => {
    const once = { rows: ITEMS, distinctItems: ITEMS, first: 1, last: ITEMS }
    const appended = await ask<{ run: string }[]>('appended')
    const others = [asking.id, inLanes.id]
    const bySteps = appended.filter(({ run }) => !others.includes(run))
    expect(bySteps.sort((a, b) => a.run.localeCompare(b.run))).toEqual(
      runs
        .filter(({ job }) => job.startsWith('append'))
        .map(({ id }) => ({ run: id, ...once }))
        .sort((a, b) => a.run.localeCompare(b.run)),
    )
  })

  it('appends each answer of a partner once, who is asked again only for what a kill can have cut off', async () => {
    expect(asking).toMatchObject({ status: 'completed', progress: { done: CALLS } })
    const appended = await ask<{ run: string }[]>('appended')
    expect(appended.find(({ run }) => run === asking.id)).toEqual({
      run: asking.id,
      rows: CALLS,
      distinctItems: CALLS,
      first: 1,
      last: CALLS,
    })
    expect(partner.calls.size).toBe(CALLS)
    const again = [...partner.calls.values()].reduce((sum, calls) => sum + calls - 1, 0)
    // What is at work and what is done behind it; a commit under way, and what is gathered beside it.
    const most = 2 * CONCURRENCY + 2 * CALLS_PER_COMMIT
    console.log(`the partner was asked ${again} times again, for ${kills.length} kills`)
    expect(again).toBeGreaterThan(0)
    expect(again).toBeLessThanOrEqual(kills.length * most)
    // The same key each time, and of one item only.
    expect(partner.keys.size).toBe(CALLS)
    expect([...partner.keys.values()].every((items) => items.size === 1)).toBe(true)
  })

  it('appends each number exactly once in eight lanes, which tile the table', async () => {
    expect(inLanes).toMatchObject({ status: 'completed', progress: { done: ITEMS, total: ITEMS } })
    expect(inLanes.lanes?.map(({ status }) => status)).toEqual(Array(LANES).fill('completed'))
    const appended = await ask<{ run: string }[]>('appended')
    expect(appended.find(({ run }) => run === inLanes.id)).toEqual({
      run: inLanes.id,
      rows: ITEMS,
      distinctItems: ITEMS,
      first: 1,
      last: ITEMS,
    })
    // Killed in the middle, and come back there.
    const resumed = inLanes.lanes?.map(({ resumptions }) => resumptions) ?? []
    console.log(`lanes resumed ${resumed.join(', ')} times`)
    expect(Math.min(...resumed)).toBeGreaterThan(0)
    const { checks, ok } = await worker.client.verification(inLanes.id)
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
  })

  it.each(JOBS.map(({ job }, index) => ({ job, index })))('verifies $job', async ({ index }) => {
    const { checks, ok } = await worker.client.verification(runs[index]?.id ?? '')
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
  })

  it('keeps every commit that D1 had answered, and has none that was not asked for', () => {
    const stored = new Set(ledger.map(commitName))
    const lost = witness
      .all()
      .filter((commit) => commit.state === 'answered' && !stored.has(commitName(commit)))
    expect(lost).toEqual([])
    const asked = new Set(witness.all().map(commitName))
    // The objects of lanes are not witnessed.
    const witnessed = ledger.filter(({ run }) => run !== inLanes.id)
    expect(witnessed.filter((row) => !asked.has(commitName(row)))).toEqual([])
  })

  it('was killed within commits', () => {
    const { within, landed, undone } = hits()
    expect(within).toBeGreaterThanOrEqual(5)
    expect(landed).toBeGreaterThanOrEqual(1)
    expect(undone).toBeGreaterThanOrEqual(1)
  })

  /** Those that surely have not ended. (What landed unheard is not counted.) */
  function underWay(): Run[] {
    return runs.filter(({ id }) => witness.items(id) < 0.95 * ITEMS)
  }

  /** How many items the foremost run has done. */
  function lead(): number {
    return Math.max(...underWay().map(({ id }) => witness.items(id)))
  }

  /**
   * A random place ahead of the foremost run: the first of as many random places as there are kills
   * left, so that they come all along its way, and none after it.
   */
  function nextMoment(killsLeft: number): number {
    // While the others come back the foremost run goes on, so the last kill is planned well before its end.
    const ahead = Math.max(0, KILLED_PART * ITEMS - lead())
    return Math.floor(lead() + ahead * (1 - random() ** (1 / killsLeft)))
  }

  /** Kills all processes at once, starts them on the same state, and waits. Asks the Worker nothing. */
  async function killAndRestart(script: string): Promise<Kill> {
    await worker.kill9()
    const killedAt = Date.now()
    await eventually('the last words of the killed Worker', 5_000, () => witness.quiet)
    const inFlight = witness.takeUnanswered()
    await worker.restart(script)
    const restartedAt = Date.now()
    const backAfterMs = new Map<string, number>()
    for (const { id, job } of underWay()) {
      const answer = () => witness.firstAnswerAfter(killedAt, id)
      await eventually(`${job} going on`, 120_000, () => answer() !== undefined)
      backAfterMs.set(id, Math.max(0, (answer() ?? NaN) - restartedAt))
    }
    return { inFlight, restartMs: restartedAt - killedAt, backAfterMs }
  }

  async function ended(id: string): Promise<Run> {
    let run = await worker.client.run(id)
    await eventually(`the end of ${run.job}`, 400_000 * TIMES, async () => {
      run = await worker.client.run(id)
      return isEnded(run.status)
    })
    return run
  }

  async function ask<T>(what: string, body?: object): Promise<T> {
    const response = await fetch(`${worker.url}/e2e/${what}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${what} answered ${response.status}`)
    return (await response.json()) as T
  }

  /** Kills that came while a commit was under way, and what became of those commits. */
  function hits() {
    const stored = new Set(ledger.map(commitName))
    const inFlight = kills.flatMap((kill) => kill.inFlight)
    const landed = inFlight.filter((commit) => stored.has(commitName(commit))).length
    const within = kills.filter((kill) => kill.inFlight.length > 0).length
    return { within, commits: inFlight.length, landed, undone: inFlight.length - landed }
  }

  function print(tookMs: number): void {
    const { within, commits, landed, undone } = hits()
    console.log(
      [
        `${kills.length} kills (KILL_SEED=${seed}), ${runs.length} runs of ${ITEMS} items, ${(tookMs / 1_000).toFixed(1)} s`,
        `back after: ${spread(kills.flatMap(({ backAfterMs }) => [...backAfterMs.values()]))}`,
        `restarts took: ${spread(kills.map(({ restartMs }) => restartMs))}`,
        `${within} kills came within a commit; ${commits} commits were under way then: ${landed} had landed in D1, ${undone} never did`,
        `${ledger.length} commits in the ledger; slices: ${runs.map(({ slices }) => slices).join(', ')}`,
      ].join('\n'),
    )
  }
})
