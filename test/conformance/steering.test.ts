import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, Throttled } from '../../src/engine/index.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { allows, COMMANDS, isEnded, STATUSES, type Command } from '../../src/engine/run.ts'
import { FaultyDatabase } from '../../src/testing/index.ts'
import { createTables, driving, passTime, start, truth, upTo, view } from '../support/drive.ts'
import { append, appendIteration, appendSteps } from '../support/jobs.ts'
import { deliverAndDie, isCommit, isEnd, isRaise, nth } from '../support/mortal.ts'
import { runOf, type RunOf } from '../support/run-of.ts'

beforeAll(createTables)

const command = (run: string, what: Command, options: { hold?: boolean } = {}) =>
  runObjects(env)(run).command(what, options)

/** D1, and a command that comes in while the first statement that `matches` is under way. */
function commandDuring(run: string, what: Command, matches: typeof isRaise): D1Database {
  let given = false
  return new FaultyDatabase(env.DB, async (call) => {
    if (given || !matches(call)) return undefined
    given = true
    await command(run, what)
    return undefined
  }).binding
}

describe('statuses', () => {
  it('M01 M02 M04 M05 M07 M08 allow the commands that lead on from them, and no others', () => {
    const allowed = (what: Command) => STATUSES.filter((status) => allows(status, what))
    expect(Object.fromEntries(COMMANDS.map((what) => [what, allowed(what)]))).toEqual({
      interrupt: ['queued', 'running', 'interrupted'],
      pause: ['queued', 'running', 'interrupted'],
      resume: ['interrupted', 'paused'],
      cancel: ['queued', 'running', 'interrupted', 'paused'],
      retry: ['failed', 'cancelled'],
    })
  })

  it('M22 are over or not over, and a run that is over can only be taken up by a retry', () => {
    const over = STATUSES.filter(isEnded)
    expect(over).toEqual(['completed', 'failed', 'cancelled'])
    for (const status of over)
      expect(COMMANDS.filter((what) => allows(status, what) && what !== 'retry')).toEqual([])
  })

  it('M44 are running while an item is handled, and completed with a time once all is done', async () => {
    const shown: unknown[] = []
    const run = await runOf(
      defineJob({
        name: 'looking',
        async perform({ step, run: { id } }) {
          await step('look', async () => {
            const { status, startedAt, finishedAt } = await view(id)
            shown.push(status, typeof startedAt, finishedAt)
          })
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', finishedAt: expect.any(String) })
    expect(shown).toEqual(['running', 'string', undefined])
  })

  it('M26 follow from how the slice ended', async () => {
    const options = { params: { items: 40 }, commit: { everyItems: 1 } }
    for (const [what, shown] of [
      ['interrupt', { status: 'interrupted', reason: 'signal' }],
      ['pause', { status: 'paused', reason: 'pause' }],
      ['cancel', { status: 'cancelled', finishedAt: expect.any(String) }],
    ] as const) {
      const run = await runOf(appendSteps, options)
      await run.slice({ DB: commandDuring(run.id, what, isRaise) })
      expect(await run.view()).toMatchObject(shown)
      expect((await run.appended()).length).toBeLessThan(40)
    }
  })
})

describe('pause', () => {
  it('M40 P08 of a run that nobody works on is immediate: no item is handled until it is resumed', async () => {
    const run = await runOf(appendSteps, { params: { items: 3 } })
    const answer = await command(run.id, 'pause')
    expect(answer).toMatchObject({ ok: true, pending: false, run: { status: 'paused' } })
    await run.slice()
    expect(await run.appended()).toEqual([])
    await command(run.id, 'resume')
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual(upTo(3))
  })

  const versions = (name: string) =>
    defineJob({
      name: 'deployed',
      async perform({ step, effects, run }) {
        await step(name, { start: 1 }, async (step) => {
          while (step.cursor <= 6) {
            append(effects, run.id, step.cursor)
            await step.advance()
          }
        })
      },
    })

  it('P08 outlives a deploy: new code, messages and time do not take the run up again', async () => {
    const run = await runOf(versions('work'), {
      interrupt: { afterItems: 2 },
      commit: { everyItems: 1 },
    })
    await run.slice({ codeVersion: '2026-01' })
    await command(run.id, 'pause')
    run.deploy(versions('work'))
    for (let hours = 0; hours < 3; hours++) {
      await run.slice({ codeVersion: '2026-02' })
      await passTime(run.id, 3_600_000)
    }
    expect(await run.view()).toMatchObject({ status: 'paused', progress: { done: 2 } })
    await command(run.id, 'resume')
    expect(await run.drain({ codeVersion: '2026-02' })).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual(upTo(6))
  })

  it('P08 asked for while a slice of older code steps aside is a pause, not a deploy', async () => {
    const run = await runOf(versions('work'), { interrupt: { afterItems: 2 } })
    await run.slice({ codeVersion: '2026-02' })
    run.deploy(versions('old'))
    await run.slice({ codeVersion: '2026-01', DB: commandDuring(run.id, 'pause', isRaise) })
    expect(await run.view()).toMatchObject({ status: 'paused', reason: 'pause' })
    expect((await driving(run.id)).sendAt).toBeNull()
  })

  it('M58 just before the run is completed comes too late, and is refused from then on', async () => {
    const run = await runOf(appendIteration, { params: { items: 3 } })
    await run.slice({ DB: commandDuring(run.id, 'pause', isEnd) })
    expect(await run.view()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([0, ...upTo(3)])
    expect(await command(run.id, 'pause')).toMatchObject({ code: 'invalid_transition' })
  })
})

describe('cancel', () => {
  it('M41 that races with the first slice wins before any item is handled', async () => {
    const run = await runOf(appendIteration, { params: { items: 3 } })
    await run.slice({ DB: commandDuring(run.id, 'cancel', isRaise) })
    expect(await run.drain()).toMatchObject({
      status: 'cancelled',
      finishedAt: expect.any(String),
      progress: { done: 0 },
    })
    expect(await run.appended()).toEqual([])
  })

  it('M58 just before the run is completed wins, and nothing of its last commit happens', async () => {
    const run = await runOf(appendIteration, { params: { items: 3 } })
    await run.slice({ DB: commandDuring(run.id, 'cancel', isEnd) })
    expect(await run.view()).toMatchObject({ status: 'cancelled' })
    expect((await truth(run.id)).status).toBe('cancelled')
    expect(await run.appended()).not.toContain(0)
  })

  it('M56 while the run is throttled leaves nothing to be sent', async () => {
    const run = await runOf(
      defineIteration({
        name: 'throttled-and-cancelled',
        async *buildEnumerator({ run: { id } }) {
          await command(id, 'cancel')
          yield new Throttled(30_000)
          yield [1, 1] as const
        },
        eachIteration: (item, { effects, run: { id } }) => append(effects, id, item),
      }),
    )
    await run.slice()
    expect(await run.view()).toMatchObject({ status: 'cancelled' })
    expect(await driving(run.id)).toMatchObject({ sendAt: null, overdueAt: null, lease: null })
  })

  const slow = (onCancel: () => void) =>
    defineIteration({
      name: 'cancelled-somewhere',
      commit: { everyItems: 1 },
      retry: { attempts: 3 },
      onCancel,
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(60, { cursor }),
      eachIteration(item, { effects, run }) {
        if (item === 20) throw new Error('the twentieth')
        append(effects, run.id, item)
      },
    })

  /** Brings a run into a state from which it is then cancelled, and how it is shown there. */
  const states: [string, object, (run: RunOf) => Promise<unknown>][] = [
    ['queued', { status: 'queued' }, async () => undefined],
    ['running', { status: 'running' }, (run) => deliverAndDieAfter(run, 3)],
    [
      'interrupted',
      { status: 'interrupted', reason: 'signal' },
      (run) => command(run.id, 'interrupt').then(() => run.slice()),
    ],
    [
      'held',
      { status: 'interrupted', held: true },
      (run) => command(run.id, 'interrupt', { hold: true }).then(() => run.slice()),
    ],
    [
      'pausing',
      { status: 'running', reason: 'pause' },
      (run) => deliverAndDieAfter(run, 3).then(() => command(run.id, 'pause')),
    ],
    ['paused', { status: 'paused' }, (run) => command(run.id, 'pause')],
    [
      'waiting to be retried',
      { status: 'queued', error: { message: 'the twentieth' }, resumeAt: expect.any(String) },
      (run) => run.slice().then(() => run.slice()),
    ],
  ]

  it.each(states)(
    'B10 M28 S23 ends a run that is %s, at once and once',
    async (_state, shown, reach) => {
      let told = 0
      const run = await runOf(slow(() => void (told += 1)))
      await reach(run)
      expect(await run.view()).toMatchObject(shown)
      const before = await run.appended()
      expect(await command(run.id, 'cancel')).toMatchObject({ ok: true })
      expect(await run.view()).toMatchObject({
        status: 'cancelled',
        finishedAt: expect.any(String),
      })
      await run.slice()
      await passTime(run.id, 3_600_000)
      await run.slice()
      expect(told).toBe(1)
      expect(await run.appended()).toEqual(before)
      expect(await driving(run.id)).toMatchObject({
        sendAt: null,
        overdueAt: null,
        lease: null,
      })
    },
  )

  it('S49 S52 is answered the same when it is asked again, and says since when', async () => {
    const run = await runOf(appendSteps)
    const first = await command(run.id, 'cancel')
    expect(first).toMatchObject({ ok: true, run: { finishedAt: expect.any(String) } })
    const again = await command(run.id, 'cancel')
    expect(again).toMatchObject({ ok: false, code: 'invalid_transition' })
    expect('run' in again && again.run).toMatchObject({
      status: 'cancelled',
      finishedAt: 'run' in first ? first.run.finishedAt : null,
    })
  })
})

async function deliverAndDieAfter(run: RunOf, commits: number): Promise<void> {
  const death = { d1: nth(commits, isCommit), when: 'after' } as const
  await deliverAndDie(run.id, death, { jobs: run.jobs })
}

it('M62 two runs of one job go their own ways: one is paused, the other completes', async () => {
  const paused = await start(appendSteps, { params: { items: 2 } })
  await command(paused, 'pause')
  const other = await runOf(appendSteps, { params: { items: 2 } })
  expect(await other.drain()).toMatchObject({ status: 'completed' })
  expect(await view(paused)).toMatchObject({ status: 'paused', progress: { done: 0 } })
})
