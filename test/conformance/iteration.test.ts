import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  defineIteration,
  defineJob,
  Throttled,
  Tick,
  type IterationDefinition,
} from '../../src/engine/index.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { createTables, driving, passTime } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const calls: string[] = []
beforeEach(() => {
  calls.length = 0
})
const count = (what: string): number => calls.filter((call) => call === what).length

type Definition = IterationDefinition<undefined, number, number>

/** Walks 0 to 9 and notes each hook. */
const noting = (settings: Partial<Definition> = {}) =>
  defineIteration<number, number>({
    name: 'noting',
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(10, { cursor }),
    eachIteration(number, { effects, run }) {
      calls.push('each')
      append(effects, run.id, number)
    },
    onStart: () => void calls.push('start'),
    onResume: () => void calls.push('resume'),
    onShutdown: () => void calls.push('shutdown'),
    onComplete: () => void calls.push('complete'),
    ...settings,
  })

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

describe('hooks of an iteration', () => {
  it('J11 run once at the start and the end, and around each item', async () => {
    const run = await runOf(
      noting({
        aroundIterate: async (_context, next) => {
          calls.push('before')
          await next()
          calls.push('after')
        },
      }),
    )
    await run.drain()
    expect(['start', 'complete', 'shutdown', 'before', 'after', 'resume'].map(count)).toEqual([
      1, 1, 1, 10, 10, 0,
    ])
  })

  it('J14 S16 S17 run onShutdown in each slice, onResume in each later one, onComplete once', async () => {
    const run = await runOf(noting({ budget: { items: 4 } }))
    expect(await run.slice()).toMatchObject({ cursor: 3, interruptions: 1 })
    expect(await run.slice()).toMatchObject({ cursor: 7, interruptions: 2, attempts: 0 })
    expect(['start', 'resume', 'shutdown', 'complete'].map(count)).toEqual([1, 1, 2, 0])
    await run.drain()
    expect(['start', 'resume', 'shutdown', 'complete'].map(count)).toEqual([1, 2, 3, 1])
    expect(await run.appended()).toEqual(ALL)
  })

  it('J10 run none when there is no enumerator', async () => {
    const run = await runOf(noting({ buildEnumerator: () => null }))
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(calls).toEqual([])
    expect(run.told('iteration.none')).toHaveLength(1)
  })

  it('J191 B09 run onStart in the first slice that gets that far', async () => {
    let failing = true
    const run = await runOf(
      noting({
        buildEnumerator({ cursor, enumerators }) {
          if (failing) throw new Error('no connection')
          return enumerators.times(10, { cursor })
        },
      }),
    )
    await run.slice()
    failing = false
    await run.drain()
    expect(count('start')).toBe(1)
  })

  it('J70 J193 run neither onShutdown nor onComplete after an error, which costs time all the same', async () => {
    let now = Date.now()
    const run = await runOf(
      noting({
        retry: { attempts: 1 },
        eachIteration() {
          now += 10_000
          throw new Error('failed after 10 s')
        },
      }),
    )
    const clock = { now: () => now, wait: (ms: number) => scheduler.wait(ms) }
    await run.slice({ clock })
    expect(['shutdown', 'complete'].map(count)).toEqual([0, 0])
    expect(run.told('slice.released')).toMatchObject([{ outcome: 'ended', durationMs: 10_000 }])
  })

  it('J74 S05 give the run no result of their own but onComplete’s', async () => {
    const run = await runOf(noting({ onComplete: () => ({ done: true }) }))
    expect(await run.drain()).toMatchObject({ result: { done: true } })
    expect((await (await runOf(noting())).drain()).result).toBeUndefined()
  })
})

describe('abort', () => {
  it('J34 completes the run where it is, with what the item had added', async () => {
    const run = await runOf(
      noting({
        eachIteration(number, { abort, effects, run: { id } }) {
          append(effects, id, number)
          if (number === 3) abort()
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', cursor: 2, slices: 1 })
    expect(await run.appended()).toEqual([0, 1, 2, 3])
    expect(['shutdown', 'complete'].map(count)).toEqual([1, 1])
  })

  it('J35 can leave out the callbacks of completion', async () => {
    const run = await runOf(
      noting({ eachIteration: (_item, { abort }) => abort({ complete: false }) }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', children: [] })
    expect(['start', 'shutdown', 'complete'].map(count)).toEqual([1, 1, 0])
  })

  it('is an abort also when the item’s own code catches it', async () => {
    const run = await runOf(
      noting({
        eachIteration(number, { abort, effects, run: { id } }) {
          append(effects, id, number)
          try {
            if (number === 1) abort()
          } catch {
            // Swallowed, as JavaScript allows.
          }
        },
      }),
    )
    await run.drain()
    expect(await run.appended()).toEqual([0, 1])
  })
})

describe('limits of an iteration', () => {
  it('B14 W14 stop after so many items per slice, and complete after so many in all', async () => {
    const run = await runOf(noting({ budget: { items: 2 }, limit: 5 }))
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4])
  })

  const slow = (settings: Partial<Definition>) => {
    let now = Date.now()
    const clock = { now: () => now, wait: (ms: number) => scheduler.wait(ms) }
    const job = noting({
      ...settings,
      eachIteration(number, { effects, run }) {
        now += 30_000
        append(effects, run.id, number)
      },
    })
    return { job, clock }
  }

  it.each([
    ['J61 S20 S22 the Worker’s', {}, 60_000, 1],
    ['J65 the job’s, when it is the shorter one', { budget: { wallMs: 30_000 } }, 60_000, 0],
    ['the Worker’s, when the job’s is the longer one', { budget: { wallMs: 1e9 } }, 60_000, 1],
  ])('B14 keep the wall time of a slice: %s', async (_whose, settings, wallMs, cursor) => {
    const { job, clock } = slow(settings)
    const run = await runOf(job)
    expect(await run.slice({ clock, wallMs })).toMatchObject({ reason: 'budget', cursor })
  })

  it('J37 J179 are looked at after each item, so that a slice always does one', async () => {
    const run = await runOf(noting({ budget: { items: 0 } }))
    await runObjects(env)(run.id).command('interrupt', {})
    expect(await run.slice()).toMatchObject({ status: 'interrupted', progress: { done: 1 } })
  })

  it('J194 an interruption after the last item is followed by a slice that finds nothing', async () => {
    const run = await runOf(noting({ budget: { items: 10 } }))
    expect(await run.slice()).toMatchObject({ status: 'interrupted', cursor: 9 })
    expect(await run.slice()).toMatchObject({ status: 'completed' })
    expect(run.told('iteration.nothing_found')).toMatchObject([{ cursor: 9, timesInterrupted: 1 }])
    expect(count('complete')).toBe(1)
  })
})

describe('what a walk yields instead of an item', () => {
  it('J146 J149 M55 B11 throttles: the run waits, and is not complete', async () => {
    let throttled = true
    const run = await runOf(
      noting({
        async *buildEnumerator({ cursor }) {
          for (let number = cursor === null ? 0 : Number(cursor) + 1; number < 3; number++) {
            if (number === 1 && throttled) yield new Throttled(30_000)
            yield [number, number] as const
          }
        },
      }),
    )
    const before = Date.now()
    expect(await run.slice()).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      interruptions: 1,
      cursor: 0,
      resumeAt: expect.any(String),
    })
    expect((await driving(run.id)).sendAt).toBeGreaterThanOrEqual(before + 30_000)
    expect(count('complete')).toBe(0)
    expect(run.told('iteration.throttled')).toMatchObject([{ cursor: 0, waitMs: 30_000 }])
    throttled = false
    expect(await run.drain()).toMatchObject({ status: 'completed', attempts: 0 })
    expect(await run.appended()).toEqual([0, 1, 2])
  })

  it('B10 B14 ticks: a walk that filters all can be stopped between two items', async () => {
    const run = await runOf(
      noting({
        async *buildEnumerator({ cursor, run: { id } }) {
          for (let number = cursor === null ? 0 : Number(cursor) + 1; number < 50; number++) {
            if (number === 20) await runObjects(env)(id).command('pause', {})
            if (number === 20) await scheduler.wait(400)
            if (number % 49 === 0) yield [number, number] as const
            else yield new Tick(number)
          }
        },
        commit: { everyItems: 1 },
      }),
    )
    const paused = await run.slice()
    expect(paused).toMatchObject({ status: 'paused', progress: { done: 1 } })
    expect(paused.cursor).toBeGreaterThanOrEqual(20)
    expect(paused.cursor).toBeLessThan(49)
    await runObjects(env)(run.id).command('resume', {})
    await run.drain()
    expect(await run.appended()).toEqual([0, 49])
  })

  it('J196 gives items without a cursor: such a walk is interrupted and built again', async () => {
    const queue = [1, 2, 3]
    const run = await runOf(
      defineIteration({
        name: 'popping',
        budget: { items: 1 },
        async *buildEnumerator() {
          for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
            yield [item, null] as const
          }
        },
        eachIteration: (item, { effects, run: { id } }) => append(effects, id, item),
      }),
    )
    const view = await run.drain()
    expect(view).toMatchObject({ status: 'completed', cursor: null })
    expect(await run.appended()).toEqual([1, 2, 3])
  })
})

describe('events of an iteration', () => {
  it('J28 J71 S13 B17 tell of each item with its new cursor, and of the end', async () => {
    const run = await runOf(noting({ limit: 2 }))
    await run.drain({ itemEvents: true })
    expect(run.told('iteration.built')).toMatchObject([{ cursor: null }])
    expect(run.told('iteration.item').map(({ cursor }) => cursor)).toEqual([0, 1])
    expect(run.told('iteration.completed')).toMatchObject([{ cursor: 1, timesInterrupted: 0 }])
    expect(run.told('run.ended')).toMatchObject([{ status: 'completed', run: run.id }])
  })

  it('J31 J32 R13 name the reason of an interruption', async () => {
    const run = await runOf(noting({ budget: { items: 1 } }))
    await run.slice()
    await runObjects(env)(run.id).command('pause', {})
    await passTime(run.id)
    expect(run.told('run.interrupted').map(({ reason }) => reason)).toEqual(['budget'])
    expect(await run.view()).toMatchObject({ reason: 'pause' })
  })

  it('R14 R40 R41 R43 R44 R46 tell of steps as they start, stop, resume and are skipped', async () => {
    const run = await runOf(
      defineJob({
        name: 'told',
        async perform({ step }) {
          await step('one', () => undefined)
          await step('two', { start: 0 }, async (step) => {
            while (step.cursor < 2) await step.advance()
          })
        },
      }),
      { interrupt: { afterItems: 1 } },
    )
    await run.drain()
    const told = run.events.filter(
      ({ type }) => type.startsWith('step.') || type.startsWith('run.'),
    )
    expect(
      told.map(({ type, ...event }) => [type, 'step' in event ? event.step : undefined]),
    ).toEqual([
      ['step.started', 'one'],
      ['step.completed', 'one'],
      ['step.started', 'two'],
      ['step.interrupted', 'two'],
      ['run.interrupted', undefined],
      ['run.resumed', undefined],
      ['step.skipped', 'one'],
      ['step.started', 'two'],
      ['step.completed', 'two'],
      ['run.ended', undefined],
    ])
    expect(run.told('run.resumed')[0]?.description).toBe("at 'two', cursor 1")
    expect(run.told('step.interrupted')[0]).toMatchObject({
      cursor: 1,
      durationMs: expect.any(Number),
    })
  })
})
