import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, type Effects, type Step } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { runObjects } from '../../../src/engine/runs/index.ts'
import { sweep } from '../../../src/engine/runs/sweep.ts'
import { cancelRun, raiseRun } from '../../../src/engine/store/d1/by-fence.ts'
import { StatementBudget } from '../../../src/engine/store/d1/metered-database.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  expireLease,
  object,
  passTime,
  setDriving,
  start,
  stub,
  truth,
  upTo,
  view,
} from '../../support/drive.ts'
import { append, appendSteps, appendThenFollow } from '../../support/jobs.ts'
import { deliverAndDie, isCommit, isEnd, isRaise, nth } from '../../support/mortal.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

describe('I13 paused is shown only when nothing can commit any more', () => {
  it('also when the slice that was to pause gave up on D1 with a commit still on its way', async () => {
    const run = await start(appendSteps, { params: { items: 300 }, ...everyItem })
    const fifth = nth(5, isCommit)
    let late = false
    const db: FaultyDatabase = new FaultyDatabase(env.DB, async (call) => {
      if (fifth(call)) {
        await runObjects(env)(run).command('pause', {})
        late = true
        return 'late'
      }
      return late && isRaise(call) ? 'never_lands' : undefined
    })
    await deliver(run, { DB: db.binding })
    expect(await view(run)).toMatchObject({ status: 'paused' })
    const before = await appended(run)
    expect((await db.land()).map(({ status }) => status)).toEqual(['rejected'])
    expect(await appended(run)).toEqual(before)
  })

  it('P06 also when a zombie’s commit lands after its lease was revoked', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    const third = nth(3, isCommit)
    const db: FaultyDatabase = new FaultyDatabase(env.DB, (call) =>
      third(call) ? 'late' : undefined,
    )
    const raised = nth(2, isRaise)
    const dying = new FaultyDatabase(db.binding, (call) => (raised(call) ? 'hangs' : undefined))
    void deliver(run, { DB: dying.binding, d1PatienceMs: 60_000 }).catch(() => undefined)
    await expect.poll(async () => (await appended(run)).length).toBeGreaterThan(0)
    await runObjects(env)(run).command('pause', {})
    await expireLease(run)
    await passTime(run)
    expect(await view(run)).toMatchObject({ status: 'paused' })
    const before = await appended(run)
    await db.land()
    expect(await appended(run)).toEqual(before)
  })

  it.each(['cancel', 'raise'] as const)(
    'a late %s of an older fence does nothing to a run that was taken up again',
    async (kind) => {
      const run = await start(appendSteps, { params: { items: 4 }, ...everyItem })
      const old = (await driving(run)).fence
      await runObjects(env)(run).command('pause', {})
      await runObjects(env)(run).command('resume', {})
      const before = await truth(run)
      const late = { run, fence: old, at: new Date().toISOString() }
      await (kind === 'cancel' ? cancelRun(env.DB, late, true) : raiseRun(env.DB, late))
      expect(await truth(run)).toEqual(before)
      expect(await drain(run)).toMatchObject({ status: 'completed' })
    },
  )

  it('refuses to resume a run whose pause still waits for D1', async () => {
    const run = await start(appendSteps)
    await env.DB.prepare('ALTER TABLE dogear_lanes RENAME TO lanes_away').run()
    await runObjects(env)(run).command('pause', {})
    expect(await runObjects(env)(run).command('resume', {})).toMatchObject({
      ok: false,
      code: 'invalid_transition',
    })
    await env.DB.prepare('ALTER TABLE lanes_away RENAME TO dogear_lanes').run()
    await passTime(run, 1_001)
    expect(await view(run)).toMatchObject({ status: 'paused' })
    expect(await driving(run)).toMatchObject({ sendAt: null, overdueAt: null })
  })

  it('M34 takes over a higher fence of D1 in pause and cancel', async () => {
    for (const [command, status] of [
      ['pause', 'paused'],
      ['cancel', 'cancelled'],
    ] as const) {
      const run = await start(appendSteps)
      await env.DB.prepare('UPDATE dogear_lanes SET fence = 70 WHERE run_id = ?').bind(run).run()
      expect(await runObjects(env)(run).command(command, {})).toMatchObject({
        ok: true,
        run: { status },
      })
      expect((await truth(run)).fence).toBeGreaterThan(70)
    }
  })
})

describe('I04 the alarm', () => {
  it('is really armed again after it rang', async () => {
    const run = await start(appendSteps)
    for (let rings = 0; rings < 3; rings++) {
      expect(await runDurableObjectAlarm(stub(run))).toBe(true)
      const next = await runInDurableObject(stub(run), (_instance, state) =>
        state.storage.getAlarm(),
      )
      expect(next).toBeGreaterThan(Date.now())
    }
  })

  it('P09 and the message lost: the sweep alone closes a run that has ended', async () => {
    const run = await start(appendThenFollow)
    await deliverAndDie(run, { d1: nth(1, isEnd), when: 'after' })
    await runInDurableObject(stub(run), (_instance, state) => state.storage.deleteAlarm())
    await setDriving(run, { lease: null, overdueAt: null, sendAt: null })
    const { poked } = await sweep(env.DB, (id) => object(id), Date.now() + 3_600_000, 30)
    expect(poked).toContain(run)
    expect((await driving(run)).overdueAt).not.toBeNull()
    expect(await drain(run)).toMatchObject({
      status: 'completed',
      children: [expect.any(String), expect.any(String)],
    })
    expect(await truth(run)).toMatchObject({ closed_at: expect.any(String) })
  })

  it('one object that cannot be reached does not keep the sweep from the others', async () => {
    await Promise.all([start(appendSteps), start(appendSteps)])
    const poked: string[] = []
    const poke = async (id: string): Promise<void> => {
      poked.push(id)
      if (poked.length === 1) throw new Error('reset')
    }
    await sweep(env.DB, () => ({ poke, purge: async () => undefined }), Date.now() + 7_200_000, 30)
    expect(poked.length).toBeGreaterThan(1)
  })
})

describe('I01 I02 commits', () => {
  it('a step’s result is written by the commit that ends it, or not at all', async () => {
    const run = await start(appendSteps, { params: { items: 2 } })
    await deliverAndDie(run, { d1: nth(1, isCommit), when: 'before' })
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM dogear_step_results WHERE run_id = ?')
        .bind(run)
        .first('n'),
    ).toBe(0)
  })

  it('a D1 that never answers is given up on, raised, and the work goes on', async () => {
    const run = await start(appendSteps, { params: { items: 3 }, ...everyItem })
    const second = nth(2, isCommit)
    const db = new FaultyDatabase(env.DB, (call) => (second(call) ? 'hangs_after' : undefined))
    await deliver(run, { DB: db.binding, d1PatienceMs: 50 })
    expect(await view(run)).toMatchObject({ status: 'completed', slices: 1 })
    expect(await appended(run)).toEqual(upTo(3))
  })

  it.each([
    ['too few params', 'INSERT INTO appended (run_id, item) VALUES (?1, ?2)', ['x']],
    ['no statement', '-- nothing', []],
    ['a transaction of its own', 'BEGIN', []],
    ['what D1 does not allow', 'PRAGMA journal_mode=WAL', []],
    ['an unknown table', 'INSERT INTO nowhere VALUES (1)', []],
  ] as const)(
    'SQL that can never work fails the run and keeps the error: %s',
    async (_what, sql, params) => {
      const wrong = defineJob({
        name: 'wrong-sql',
        perform: ({ step, effects }) => step('x', () => effects.run(sql, ...params)),
      })
      const run = await start(wrong)
      const jobs = new Registry([wrong])
      for (let slices = 0; slices < 6; slices++) await deliver(run, { jobs })
      expect(await view(run)).toMatchObject({
        status: 'failed',
        error: { message: expect.any(String) },
      })
    },
  )

  it.each([{}, { everyItems: 1_200, everyMs: 60_000 }])(
    'a statement per item stays within an invocation’s 1,000, and gets on (%o)',
    async (commit) => {
      const many = defineJob({
        name: 'many-statements',
        perform: ({ step, effects, run }) =>
          step('append', { start: 1 }, async (step) => {
            while (step.cursor <= 1_500) {
              effects.run(
                'INSERT INTO appended (run_id, item) VALUES (?1, ?2)',
                run.id,
                step.cursor,
              )
              await step.advance()
            }
          }),
      })
      const run = await start(many, { commit })
      while ((await view(run)).status !== 'completed') {
        let used = 0
        const db = new FaultyDatabase(env.DB, ({ sql }) => {
          used += sql.length
          return undefined
        })
        await deliver(run, {
          jobs: new Registry([many]),
          DB: db.binding,
          statements: new StatementBudget(1_000),
        })
        expect(used).toBeLessThanOrEqual(1_000)
      }
      expect(await appended(run)).toEqual(upTo(1_500))
    },
  )
})

describe('I08 user code that awaits nothing', () => {
  it('does not complete with an iteration under way', async () => {
    const floating = defineJob({
      name: 'floating-iterate',
      async perform({ step, effects, run, enumerators }) {
        await step('append', (step) => {
          void step
            .iterate(
              ({ cursor }) => enumerators.array(upTo(5), { cursor }),
              (item) => append(effects, run.id, item),
            )
            .catch(() => undefined)
        })
      },
    })
    const run = await start(floating)
    expect(await drain(run, { jobs: new Registry([floating]) })).toMatchObject({
      status: 'failed',
      error: { code: 'checkpoint_not_awaited' },
    })
    // What was done before the step returned is kept, and counted.
    expect(await appended(run)).toEqual(upTo((await view(run)).progress.done))
  })

  it('cannot move the cursor of another step with one that is over', async () => {
    let kept: Step | undefined
    const keeping = defineJob({
      name: 'keeping',
      async perform({ step }) {
        await step('one', (step) => {
          kept = step
        })
        await step('two', async () => {
          await kept?.set(7)
        })
      },
    })
    const run = await start(keeping)
    expect(await drain(run, { jobs: new Registry([keeping]) })).toMatchObject({
      status: 'failed',
      cursor: null,
      error: { code: 'invalid_step' },
    })
  })

  it('cannot add effects once the slice has been released, not even through a hook’s', async () => {
    const kept: Effects[] = []
    const keeping = defineIteration({
      name: 'keeping-effects',
      buildEnumerator: ({ cursor, enumerators: walks }) => walks.times(1, { cursor }),
      eachIteration: (_item, { effects }) => void kept.push(effects),
      onComplete: ({ effects }) => void kept.push(effects),
    })
    const run = await start(keeping)
    await drain(run, { jobs: new Registry([keeping]) })
    for (const effects of kept) {
      expect(() => append(effects, run, 1)).toThrow('has been released')
    }
    expect(kept).toHaveLength(2)
  })

  it('loses no item when it is fixed and retried', async () => {
    let fixed = false
    const floating = defineJob({
      name: 'floating-advance',
      commit: { everyItems: 1 },
      perform: ({ step, effects, run }) =>
        step('append', { start: 1 }, async (step) => {
          while (step.cursor <= 3) {
            append(effects, run.id, step.cursor)
            if (!fixed) {
              void step.advance().catch(() => undefined)
              append(effects, run.id, step.cursor)
            }
            await step.advance()
          }
        }),
    })
    const jobs = new Registry([floating])
    const run = await start(floating)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      error: { code: 'checkpoint_not_awaited' },
    })
    fixed = true
    await runObjects(env)(run).command('retry', {})
    expect(await drain(run, { jobs })).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual([1, 2, 3])
  })

  it('cannot add effects where code runs again in every slice', async () => {
    const building = defineIteration({
      name: 'building',
      buildEnumerator: ({ cursor, effects, run, enumerators: walks }) => {
        append(effects, run.id, -1)
        return walks.times(3, { cursor })
      },
      eachIteration: () => undefined,
    })
    const run = await start(building)
    expect(await drain(run, { jobs: new Registry([building]) })).toMatchObject({
      status: 'failed',
      error: { code: 'effect_outside_step' },
    })
    expect(await appended(run)).toEqual([])
  })
})

describe('I12 follow-up runs', () => {
  it('are not lost when D1 cannot be read while they are named', async () => {
    let broken = true
    const following = defineJob({
      name: 'following',
      perform: ({ step }) => step('x', () => undefined),
      continuations({ enqueue }) {
        if (broken) throw new Error('D1_ERROR: Network connection lost.')
        enqueue(appendSteps, { items: 1 })
      },
    })
    const jobs = new Registry([following, appendSteps])
    const run = await start(following)
    await deliver(run, { jobs })
    expect(await view(run)).toMatchObject({ status: 'interrupted', reason: 'throttle' })
    broken = false
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'completed',
      children: [expect.any(String)],
    })
  })
})

it('a message for a lane that there is not changes nothing', async () => {
  const run = await start(appendSteps)
  expect(await object(run).claim(7, 1)).toMatchObject({ ok: false })
  expect(await drain(run)).toMatchObject({ status: 'completed' })
})

it('verification finds the lease free also after a cancel in mid-slice and a retry', async () => {
  const run = await start(appendSteps, { params: { items: 3 }, ...everyItem })
  await deliverAndDie(run, { d1: nth(3, isCommit), when: 'before' })
  await runObjects(env)(run).command('cancel', {})
  await runObjects(env)(run).command('retry', {})
  await drain(run)
  expect((await object(run).slices()).map(({ outcome }) => outcome)).not.toContain('running')
})
