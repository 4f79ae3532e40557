import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, discardOn } from '../../../src/engine/index.ts'
import { verifyLedger } from '../../../src/engine/runs/index.ts'
import { createTables, driving, object, passTime, setDriving } from '../../support/drive.ts'
import { failingBatch } from '../../support/failing-batch.ts'
import { append, appendSteps } from '../../support/jobs.ts'
import { addPicky, createPicky, pickyItems } from '../../support/picky.ts'
import { redrive, runOf } from '../../support/run-of.ts'
import { walkOf } from '../../support/walks.ts'

beforeAll(async () => {
  await createTables()
  await createPicky()
})

describe('I01 items and code that change', () => {
  it('an item whose steps fail once gets its other attempts', async () => {
    let tries = 0
    const run = await runOf(
      defineJob({
        name: 'again',
        skip: { attempts: 3 },
        async perform({ step }) {
          await step('x', (step) =>
            step.iterate(
              ({ cursor }) => walkOf([1], cursor),
              async () => {
                await step.step('a', () => undefined)
                await step.step('b', () => {
                  if (++tries < 2) throw new Error('flaky')
                })
              },
            ),
          )
        },
      }),
    )
    const end = await run.drain()
    expect([end.status, end.error?.message]).toEqual(['completed', undefined])
  })

  it('an item that had been resumed inside can be skipped', async () => {
    let pass = 0
    const run = await runOf(
      defineJob({
        name: 'again-b',
        skip: {},
        async perform({ step }) {
          await step('x', (step) =>
            step.iterate(
              ({ cursor }) => walkOf([1, 2], cursor),
              async (item) => {
                if (item === 1 && pass++ > 0) throw new Error('bad')
                await step.step('a', () => undefined)
                await step.step('b', () => undefined)
              },
            ),
          )
        },
      }),
    )
    const end = await run.drain({ wallMs: 0 })
    expect([end.status, end.error?.message]).toEqual(['completed', undefined])
  })

  it('a result that replaces another is not counted twice', async () => {
    const run = await runOf(
      defineJob({
        name: 'room',
        async perform({ step }) {
          await step('x', { start: 1 }, async (x) => {
            while (x.cursor <= 2) {
              await x.step('load', () => 'a'.repeat(252_000))
              await x.step('b', () => 1)
              await x.advance()
            }
          })
        },
      }),
    )
    const end = await run.drain()
    expect([end.status, end.error?.message]).toEqual(['completed', undefined])
  })

  it('a commit for which no statements are left loses nothing, whatever onShutdown adds', async () => {
    const run = await runOf(
      defineIteration({
        name: 'spent',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
        eachIteration(item, { effects, run: { id } }) {
          append(effects, id, item)
        },
        onShutdown({ effects, run: { id } }) {
          append(effects, id, 100)
        },
      }),
    )
    const DB = failingBatch(2, 'Too many API requests by single Worker invocation')
    await run.drain({ DB })
    expect((await run.appended()).filter((item) => item < 100)).toEqual([1, 2, 3])
  })

  it('attributes of newer code are a deploy for older code, not a failure', async () => {
    const job = (values: [string, ...string[]], value: string) =>
      defineJob({
        name: 'older',
        attributes: z.object({ mode: z.enum(values).default('a') }),
        async perform({ step, attributes }) {
          await step('one', () => {
            attributes.mode = value
          })
          await step('two', () => undefined)
        },
      })
    const run = await runOf(job(['a', 'b'], 'b'))
    await run.slice({ wallMs: 0, codeVersion: '2030-02' })
    run.deploy(job(['a'], 'a'))
    const end = await run.slice({ codeVersion: '2030-01' })
    expect([end.status, end.reason, end.error?.code]).toEqual(['interrupted', 'deploy', undefined])
  })

  it('abort at the second attempt is no skip', async () => {
    let tries = 0
    const run = await runOf(
      defineIteration({
        name: 'abort-again',
        skip: { attempts: 2 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1], { cursor }),
        eachIteration(_item, { effects, run: { id }, abort }) {
          if (++tries === 1) throw new Error('flaky')
          append(effects, id, 1)
          abort()
        },
      }),
    )
    const end = await run.drain()
    expect([end.progress.skipped, await run.appended()]).toEqual([0, [1]])
  })

  it('effects of onResume survive a skipped first item', async () => {
    const run = await runOf(
      defineIteration({
        name: 'resume-effects',
        skip: {},
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
        onResume({ effects, run: { id } }) {
          append(effects, id, 100)
        },
        eachIteration(item, { effects, run: { id } }) {
          if (item === 2) throw new Error('bad')
          append(effects, id, item)
        },
      }),
      { interrupt: { afterItems: 1 } },
    )
    await run.drain()
    expect(await run.appended()).toEqual([1, 3, 100])
  })

  it('a poison in a walk within a step within a step is skipped', async () => {
    const run = await runOf(
      defineJob({
        name: 'nested-poison',
        skip: {},
        retry: { attempts: 2 },
        async perform({ step, effects, run: { id } }) {
          await step('o', { start: 1 }, async (o) => {
            while (o.cursor <= 1) {
              await o.step('i', (i) =>
                i.iterate(
                  ({ cursor }) => walkOf([1, 7, 2], cursor),
                  (item) => addPicky(effects, id, item),
                ),
              )
              await o.advance()
            }
          })
        },
      }),
    )
    const end = await run.drain()
    expect([end.status, await pickyItems(run.id)]).toEqual(['completed', [1, 2]])
  })

  it('a listener that throws does not lose the release', async () => {
    const job = defineJob({
      name: 'listen',
      async perform({ step }) {
        await step('a', () => undefined)
      },
    })
    const run = await runOf(job)
    const end = await run.slice({
      onEvent: (event) => {
        if (event.type === 'slice.released') throw new Error('listener')
      },
    })
    expect(end.status).toBe('completed')
  })

  it('a bad item with steps of its own is skipped', async () => {
    const run = await runOf(
      defineJob({
        name: 'again-c',
        skip: { attempts: 2 },
        retry: { attempts: 2 },
        async perform({ step }) {
          await step('x', (step) =>
            step.iterate(
              ({ cursor }) => walkOf([1, 2], cursor),
              async (item) => {
                await step.step('a', () => undefined)
                await step.step('b', () => {
                  if (item === 1) throw new Error('bad')
                })
              },
            ),
          )
        },
      }),
    )
    const end = await run.drain()
    expect([end.status, end.error?.message]).toEqual(['completed', undefined])
  })

  it('a second re-drive takes what was skipped after a retry, and nothing twice', async () => {
    let fatal = true
    const job = defineIteration({
      name: 'twice',
      skip: {},
      retry: { attempts: 1 },
      buildEnumerator: ({ cursor }) => ({
        async *[Symbol.asyncIterator]() {
          for (const item of [1, 2, 3, 4])
            if (cursor === null || item > (cursor as number)) {
              if (item === 3 && fatal) throw new Error('fatal')
              yield [item, item] as const
            }
        },
      }),
      resume: { errorsAfterAdvancing: false },
      eachIteration(item, { effects, run: { id, redriveOf } }) {
        if (redriveOf === null && item % 2 === 0) throw new Error('bad')
        append(effects, id, item)
      },
    })
    const run = await runOf(job)
    expect((await run.drain()).status).toBe('failed')
    const first = await redrive(job, run)
    await first.child.drain()
    fatal = false
    await object(run.id).command('retry', {})
    const end = await run.drain()
    const second = await redrive(job, run)
    await second.child.drain().catch(() => undefined)
    const redone = [...(await first.child.appended()), ...(await second.child.appended())]
    const even = redone.filter((item) => item % 2 === 0).sort((one, other) => one - other)
    expect([end.status, end.progress.skipped, second.created, even]).toEqual([
      'completed',
      2,
      true,
      [2, 4],
    ])
  })

  it('the time worked stays sensible when the slice began under older code', async () => {
    const run = await runOf(
      defineJob({
        name: 'worked',
        async perform({ step }) {
          await step('a', () => undefined)
        },
      }),
    )
    const fence = (await driving(run.id)).fence + 1
    await setDriving(run.id, {
      leaseUntil: Date.now() + 60_000,
      fence,
      claimedAt: undefined,
      workedMs: undefined,
    })
    await object(run.id).release(null, fence, {
      kind: 'interrupted',
      reason: 'budget',
      directiveMet: false,
    })
    expect((await driving(run.id)).workedMs).toBeLessThan(86_400_000)
  })

  it.each([
    ['cancel', { cancelling: true }, 'cancelled'],
    ['pause', { pausing: 'revoked' }, 'paused'],
  ] as const)('a %s that was asked under older code is carried out', async (what, flag, status) => {
    const run = await runOf(appendSteps)
    const fence = (await driving(run.id)).fence + 1
    const asked = { leaseUntil: null, fence, reason: what, sendAt: null, overdueAt: null }
    await setDriving(run.id, { lease: undefined, intent: undefined, ...asked, ...flag })
    await passTime(run.id)
    expect(await run.view()).toMatchObject({ status })
  })

  it('what a discard had to say is gone when the run is reopened', async () => {
    let fail = true
    const run = await runOf(
      defineJob({
        name: 'discarded',
        errors: [discardOn(Error)],
        async perform({ step }) {
          await step('a', () => {
            if (fail) throw new Error('x')
          })
        },
      }),
    )
    await run.drain()
    fail = false
    await object(run.id).command('retry', {})
    expect((await run.view()).attention).toBe(undefined)
  })

  it('the ledger of a run whose step was renamed holds', async () => {
    const job = (name: string, renamed?: Record<string, string>) =>
      defineJob({
        name: 'renamed',
        ...(renamed && { steps: { renamed } }),
        async perform({ step, effects, run: { id } }) {
          await step(name, { start: 1 }, async (s) => {
            while (s.cursor <= 4) {
              append(effects, id, s.cursor)
              await s.advance()
            }
          })
        },
      })
    const run = await runOf(job('old'), { interrupt: { afterItems: 2 } })
    await run.slice()
    run.deploy(job('new', { old: 'new' }))
    await run.drain()
    expect((await verifyLedger(env.DB, run.id)).filter(({ ok }) => !ok)).toEqual([])
  })

  it('results of steps within steps do not grow with the items', async () => {
    const run = await runOf(
      defineJob({
        name: 'growth',
        async perform({ step }) {
          await step('o', { start: 1 }, async (o) => {
            while (o.cursor <= 20) {
              await o.step(`load-${o.cursor}`, () => 'x')
              await o.step('b', () => 1)
              await o.advance()
            }
          })
        },
      }),
    )
    await run.drain()
    const count = await env.DB.prepare(
      'SELECT count(*) AS count FROM dogear_step_results WHERE run_id = ?',
    )
      .bind(run.id)
      .first<number>('count')
    expect(count).toBeLessThanOrEqual(2)
  })
})
