import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../src/engine/index.ts'
import { runSlice } from '../../src/engine/slice/slice.ts'
import { type Version, VERSIONS } from '../older/versions.ts'
import { isAppend, World } from '../older/world.ts'
import { appended, createTables, truth, upTo } from '../support/drive.ts'
import { append } from '../support/jobs.ts'

/**
 * Real objects of the code that was landed on 30 November 2026, with slices of today, and the reverse; over the
 * schema of today. `test/older/README.md` says how that code is made.
 */

beforeAll(createTables)

const STYLES = ['steps', 'iteration'] as const
type Style = (typeof STYLES)[number]

/** What a run of five items leaves behind; an iteration tells its end as item 0. */
const ONCE = { steps: upTo(5), iteration: [0, ...upTo(5)] }

async function expectOnce(world: World, run: string, style: Style): Promise<void> {
  expect(await world.bench.view(run)).toMatchObject({
    status: 'completed',
    progress: { done: 5 },
  })
  expect(await appended(run)).toEqual(ONCE[style])
  expect(await world.bench.verify(run)).toMatchObject({ ok: true })
  expect((await truth(run)).closed_at).not.toBeNull()
}

const PAIRS: readonly { objects: Version; slices: Version }[] = [
  { objects: 'landed', slices: 'today' },
  { objects: 'today', slices: 'landed' },
  // The schema alone is newer.
  { objects: 'landed', slices: 'landed' },
]

const CASES = PAIRS.flatMap((pair) => STYLES.map((style) => ({ ...pair, style })))

describe.for(CASES)('$style, objects of $objects and slices of $slices', ({ style, ...pair }) => {
  it('come to their end', async () => {
    const world = new World(pair)
    const run = await world.start(style)
    expect(await world.drive(run)).toMatchObject({ slices: 1, attempts: 0 })
    await expectOnce(world, run, style)
  })

  it('come to their end with several items to a commit', async () => {
    const world = new World(pair)
    const run = await world.start(style, {}, { commit: { everyItems: 2 } })
    await world.kill(run, 'dies_after', isAppend, 2)
    await world.drive(run)
    await expectOnce(world, run, style)
  })

  it('are interrupted, held and resumed', async () => {
    const world = new World(pair)
    const run = await world.start(style, {}, { interrupt: { afterItems: 2 }, hold: true })
    expect(await world.drive(run)).toMatchObject({ held: true, progress: { done: 2 } })
    expect(await world.bench.objects(run).command('resume', {})).toMatchObject({ ok: true })
    const object = world.bench.objects(run)
    await world.during(run, 1, () => object.command('interrupt', {}))
    expect(await world.drive(run)).toMatchObject({ interruptions: 2, resumptions: 2, slices: 3 })
    await expectOnce(world, run, style)
  })

  it('fail once and are tried again', async () => {
    const world = new World(pair)
    const run = await world.start(style, { failsAt: 3 })
    expect(await world.drive(run, { until: () => true })).toMatchObject({
      status: 'queued',
      error: { message: 'item 3 fails once' },
    })
    expect(await world.drive(run)).toMatchObject({ slices: 2 })
    await expectOnce(world, run, style)
  })

  it.for(['dies_before', 'dies_after'] as const)(
    'are killed at a claim, a commit, a release (%s), and taken up again once the lease has run out',
    async (fault) => {
      const world = new World(pair)
      const run = await world.start(style)
      await world.kill(run, fault, ({ kind }) => kind === 'claim')
      await world.kill(run, fault, isAppend, 3)
      await world.kill(run, fault, ({ kind }) => kind === 'release')
      await world.drive(run)
      await expectOnce(world, run, style)
    },
  )

  it('are killed by a person', async () => {
    const world = new World(pair)
    const run = await world.start(style)
    const object = world.bench.objects(run)
    await world.during(run, 2, () => object.kill())
    await world.drive(run)
    await expectOnce(world, run, style)
  })

  it('are paused and resumed', async () => {
    const world = new World(pair)
    const run = await world.start(style)
    const object = world.bench.objects(run)
    await world.during(run, 1, () => object.command('pause', {}))
    expect(await world.drive(run)).toMatchObject({ status: 'paused' })
    expect(await object.command('resume', {})).toMatchObject({ ok: true })
    await world.drive(run)
    await expectOnce(world, run, style)
  })

  it('are cancelled, and do no more', async () => {
    const world = new World(pair)
    const run = await world.start(style)
    const object = world.bench.objects(run)
    await world.during(run, 3, () => object.command('cancel', {}))
    expect(await world.drive(run)).toMatchObject({ status: 'cancelled' })
    expect(await truth(run)).toMatchObject({ status: 'cancelled' })
    expect(await appended(run)).toEqual([1, 2])
  })
})

describe.for(PAIRS)('objects of $objects and slices of $slices', (pair) => {
  it('start what follows a run, once', async () => {
    const world = new World(pair)
    const run = await world.start('steps')
    await world.kill(run, 'dies_before', ({ kind }) => kind === 'close')
    const { children } = await world.drive(run)
    expect(children).toHaveLength(1)
    const [follower = ''] = children
    expect(await world.drive(follower)).toMatchObject({ status: 'completed' })
    expect(await appended(follower)).toEqual([1])
  })

  it('fail a run, alert people, and reopen it', async () => {
    const world = new World(pair)
    const { judgeRuns } = VERSIONS[pair.slices]
    const run = await world.start('hasty')
    const failed = await world.drive(run)
    expect(failed).toMatchObject({ status: 'failed' })
    // Slices of today put it into a group, which the alert is about.
    const group = failed.error?.group?.id ?? ''
    expect(group !== '').toBe(pair.slices === 'today')
    await judgeRuns(env.DB, world.bench.clock.now())
    expect(await alertsOf(run, group)).toEqual([{ kind: 'failed', open: 1 }])
    expect(await world.bench.objects(run).command('retry', {})).toMatchObject({ ok: true })
    expect(await world.drive(run)).toMatchObject({ status: 'completed' })
    await judgeRuns(env.DB, world.bench.clock.now())
    expect(await alertsOf(run, group)).toEqual([{ kind: 'failed', open: 0 }])
    expect(await appended(run)).toEqual([1])
  })
})

/** The newest of the run and its group. */
async function alertsOf(run: string, group: string): Promise<unknown[]> {
  const sql = `SELECT kind, cleared_at IS NULL AS open FROM dogear_alerts
    WHERE run_id = ?1 OR (error_group <> '' AND error_group = ?2) ORDER BY id DESC LIMIT 1`
  return (await env.DB.prepare(sql).bind(run, group).all()).results
}

describe('objects of landed', () => {
  it('take slices of today that work on several items at once', async () => {
    const world = new World({ objects: 'landed', slices: 'today' })
    const atOnce = defineIteration({
      name: 'older-at-once',
      concurrency: 3,
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(9), { cursor }),
      eachIteration: (item, { effects, run }) => append(effects, run.id, item),
    })
    const { id } = await world.bench.start(atOnce, {}, { interrupt: { afterItems: 4 } })
    expect(await world.drive(id, { slice: runSlice })).toMatchObject({ status: 'completed' })
    expect(await appended(id)).toEqual(upTo(9))
    expect(await world.bench.verify(id)).toMatchObject({ ok: true })
  })
})

const CHANGES: readonly { from: Version; to: Version; slices: Version }[] = [
  { from: 'landed', to: 'today', slices: 'today' },
  { from: 'landed', to: 'today', slices: 'landed' },
  { from: 'today', to: 'landed', slices: 'landed' },
  { from: 'today', to: 'landed', slices: 'today' },
]

describe.for(CHANGES)(
  'an object that goes from $from to $to, with slices of $slices',
  ({ from, to, slices }) => {
    it.for(STYLES)('loses nothing, whenever it does (%s)', async (style) => {
      let nth = 1
      for (; ; nth++) {
        const world = new World({ objects: from, slices })
        const run = await world.start(style, { failsAt: 4 }, { interrupt: { afterItems: 1 } })
        const { objects, calls } = world.changingAt(nth, to)
        let appends = 0
        const diesOnce = world.sliceBy((call) =>
          isAppend(call) && ++appends === 3 ? 'dies_after' : undefined,
        )
        await world.drive(run, { deps: { objects }, slice: diesOnce })
        await expectOnce(world, run, style)
        if (calls() < nth) break
      }
      expect(nth).toBeGreaterThan(8)
    })
  },
)

describe('code that requires what landed does not know', () => {
  it('as an object, refuses the slices of then, which leave it at that', async () => {
    const world = new World({ objects: 'today', slices: 'landed' })
    const run = await world.start('steps', {}, { interrupt: { afterItems: 2 } })
    await world.drive(run, { until: () => true })
    await world.changeObject(run, 'demanding')
    const untouched = await truth(run)
    for (let times = 0; times < 3; times++) {
      expect(await world.drive(run, { until: () => true })).toMatchObject({
        status: 'interrupted',
        reason: 'deploy',
        attempts: 0,
      })
    }
    expect(await truth(run)).toEqual(untouched)
    world.slices = 'today'
    await world.drive(run)
    await expectOnce(world, run, 'steps')
  })

  it('as an object that starts while a slice of then works, has it stop soon', async () => {
    const world = new World({ objects: 'landed', slices: 'landed' })
    const run = await world.start('iteration')
    const stopped = await world.during(run, 1, () => world.changeObject(run, 'demanding'))
    expect(stopped).toMatchObject({ status: 'interrupted', reason: 'deploy', attempts: 0 })
    expect((await appended(run)).length).toBeLessThan(5)
    world.slices = 'today'
    await world.drive(run)
    await expectOnce(world, run, 'iteration')
  })

  it('as a slice, works no run whose object is of then, until it is of today', async () => {
    const world = new World({ objects: 'landed', slices: 'today' })
    const run = await world.start('steps', {}, { interrupt: { afterItems: 2 } })
    await world.drive(run, { until: () => true })
    const untouched = await truth(run)
    const deps = { minimum: 1 }
    for (let times = 0; times < 3; times++) {
      expect(await world.drive(run, { deps, until: () => true })).toMatchObject({
        status: 'interrupted',
        reason: 'deploy',
        attempts: 0,
      })
    }
    expect(await truth(run)).toEqual(untouched)
    await world.changeObject(run, 'today')
    await world.drive(run, { deps })
    await expectOnce(world, run, 'steps')
  })
})
