import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, type Job, type Step } from '../../../src/engine/index.ts'
import { FaultyDatabase } from '../../../src/testing/index.ts'
import { createTables, object } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

/** A job of one step, whose block notes what it handles. */
function handling(block: (step: Step<number>, handle: (item: number) => void) => Promise<void>): {
  job: Job
  handled: number[]
} {
  const handled: number[] = []
  const job = defineJob({
    name: 'swallowing-stops',
    perform: ({ step, effects, run }) =>
      step('work', { start: 0 }, (step) =>
        block(step, (item) => {
          handled.push(item)
          append(effects, run.id, item)
        }),
      ),
  })
  return { job, handled }
}

describe('a rule that is broken again and again, and caught each time, ends the slice by its error', () => {
  it.each<[string, string, (step: Step<number>) => Promise<unknown>]>([
    ['a cursor that cannot be stored', 'invalid_cursor', (step) => step.set(Number.NaN)],
    ['no successor', 'unadvanceable_cursor', (step) => step.advance({ from: 'x' })],
    ['a step met twice', 'invalid_step', (step) => step.step('same', () => undefined)],
    [
      'no enumerator',
      'invalid_enumerator',
      (step) =>
        step.iterate(
          () => 5 as never,
          () => undefined,
        ),
    ],
  ])('%s', async (_, code, work) => {
    const { job } = handling(async (step) => {
      while (step.cursor < 6) await work(step).catch(() => undefined)
    })
    const run = await runOf(job)
    expect(await run.slice()).toMatchObject({ status: 'failed', error: { code } })
  })
})

describe('user code that was asked to stop comes no further than its next checkpoint', () => {
  it('in a loop that catches everything and asks for its cursor', async () => {
    const { job, handled } = handling(async (step, handle) => {
      while (step.cursor < 6) {
        try {
          handle(step.cursor)
          await step.advance()
        } catch {
          // Swallowed.
        }
      }
    })
    const run = await runOf(job, { interrupt: { afterItems: 3 }, hold: true })
    expect(await run.slice()).toMatchObject({ status: 'interrupted', cursor: 3 })
    // The fourth is tried, its effect is refused, and nothing of it stands.
    expect(handled.slice(0, 3)).toEqual([0, 1, 2])
    expect(await run.appended()).toEqual([0, 1, 2])
    await object(run.id).command('resume', {})
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 6 } })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('H27 in a loop that never returns by itself: what it adds and asks for is refused, and the slice ends', async () => {
    let refused = 0
    const { job } = handling(async (step, handle) => {
      for (;;) {
        try {
          handle(step.cursor)
          await step.advance()
        } catch {
          refused += 1
          if (refused === 10_000) return
        }
      }
    })
    const run = await runOf(job)
    const view = await run.slice({ wallMs: 50 })
    expect(view).toMatchObject({ status: 'interrupted', reason: 'budget', attempts: 0 })
    // Its return is no end of the step either.
    expect(view.completedSteps).toEqual([])
    expect(refused).toBe(10_000)
    const { done } = view.progress
    expect(done).toBeGreaterThan(0)
    expect(view.cursor).toBe(done)
    expect(await run.appended()).toEqual(Array.from({ length: done }, (_, item) => item))
  })

  it('in a loop over items of its own, which does no other work after the stop', async () => {
    const sent: number[] = []
    const { job } = handling(async (step) => {
      for (let item = step.cursor; item < 10; item++) {
        try {
          sent.push(item)
          await step.advance({ from: item })
        } catch {
          // Swallowed.
        }
      }
    })
    const run = await runOf(job, { interrupt: { afterItems: 3 }, hold: true })
    await run.slice()
    expect(sent).toEqual([0, 1, 2, 3])
    await object(run.id).command('resume', {})
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(sent).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9])
  })

  it('where it asks for an idempotency key first, not that far', async () => {
    const sent: string[] = []
    const { job } = handling(async (step) => {
      for (let item = step.cursor; item < 10; item++) {
        try {
          sent.push(step.idempotencyKey)
          await step.advance({ from: item })
        } catch {
          // Swallowed.
        }
      }
    })
    const run = await runOf(job, { interrupt: { afterItems: 3 }, hold: true })
    await run.slice()
    expect(sent).toHaveLength(3)
  })

  it('after the end of a step, of a step within a step, and of an item', async () => {
    const went: string[] = []
    const run = await runOf(
      defineJob({
        name: 'swallowing-around',
        async perform({ step }) {
          await step('outer', { start: 0 }, async (outer) => {
            await outer.step('inner', { start: 0 }, async (inner) => {
              await inner.advance().catch(() => went.push('caught in inner'))
            })
            went.push('after inner')
            await outer.advance()
          })
          went.push('after outer')
        },
      }),
      { interrupt: { afterItems: 1 }, hold: true },
    )
    expect(await run.slice()).toMatchObject({ status: 'interrupted', held: true })
    expect(went).toEqual(['caught in inner'])
  })

  it('in a walk whose items have steps of their own', async () => {
    const went: number[] = []
    const run = await runOf(
      defineJob({
        name: 'swallowing-in-a-walk',
        perform: ({ step, enumerators }) =>
          step('walk', (step) =>
            step.iterate(
              ({ cursor }) => enumerators.times(4, { cursor }),
              async (item) => {
                went.push(item)
                await step
                  .step('inner', { start: 0 }, (inner) => inner.advance())
                  .catch(() => undefined)
              },
            ),
          ),
      }),
      { interrupt: { afterItems: 1 }, hold: true },
    )
    expect(await run.slice()).toMatchObject({ status: 'interrupted', held: true })
    expect(went).toEqual([0])
  })

  it('when Promise.all has it in several branches', async () => {
    const { job, handled } = handling(async (step, handle) => {
      const branch = async (own: number) => {
        for (let round = 0; round < 100; round++) {
          try {
            await scheduler.wait(1)
            handle(own)
            if (own === 0) await step.advance()
          } catch {
            // Swallowed.
          }
        }
      }
      await Promise.all([branch(0), branch(1)])
    })
    const run = await runOf(job, { interrupt: { afterItems: 2 }, hold: true })
    expect(await run.slice()).toMatchObject({ status: 'interrupted', progress: { done: 2 } })
    const before = handled.length
    const appended = await run.appended()
    await scheduler.wait(300)
    expect(await run.appended()).toEqual(appended)
    expect(before).toBeGreaterThan(1)
  })

  it('lets code that unwinds clean up, however long another branch hangs', async () => {
    let cleaned = false
    const { job } = handling(async (step) => {
      const unwinding = async () => {
        try {
          await step.advance()
        } finally {
          await scheduler.wait(20)
          cleaned = true
        }
      }
      const goingOn = async () => {
        await scheduler.wait(5)
        await step.checkpoint()
      }
      await Promise.allSettled([unwinding(), goingOn()])
    })
    const run = await runOf(job, { interrupt: { afterItems: 1 }, hold: true })
    expect(await run.slice()).toMatchObject({ status: 'interrupted', cursor: 1 })
    expect(cleaned).toBe(true)
  })

  it('also where the stop is a commit that was not answered', async () => {
    let lost = 0
    const db = new FaultyDatabase(env.DB, ({ kind, sql }) => {
      const commit = kind === 'batch' && sql.some((text) => text.includes('INTO appended'))
      return commit && lost++ === 0 ? 'lost_answer' : undefined
    })
    const { job } = handling(async (step, handle) => {
      while (step.cursor < 6) {
        try {
          handle(step.cursor)
          await step.advance()
        } catch {
          // Swallowed.
        }
      }
    })
    const run = await runOf({ ...job, commit: { everyItems: 2 } })
    expect(await run.drain({ DB: db.binding })).toMatchObject({ status: 'completed', slices: 1 })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4, 5])
    expect(lost).toBeGreaterThan(1)
  })

  it('when its slice was killed', async () => {
    const handled: number[] = []
    const job = defineJob({
      name: 'swallowing-killed',
      perform: ({ step }) =>
        step('work', { start: 0 }, async (step) => {
          while (step.cursor < 1_000) {
            try {
              if (step.cursor === 3) await object(run.id).kill()
              await scheduler.wait(step.cursor > 3 ? 20 : 0)
              handled.push(step.cursor)
              await step.advance()
            } catch {
              // Swallowed.
            }
          }
        }),
    })
    const run = await runOf(job)
    await run.slice()
    const before = handled.length
    await scheduler.wait(100)
    expect(handled.length).toBeLessThanOrEqual(before + 1)
  })

  it('in an iteration, where a hook catches', async () => {
    const run = await runOf(
      defineIteration({
        name: 'swallowing-iteration',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(4, { cursor }),
        eachIteration: (item, context) => append(context.effects, context.run.id, item),
        aroundIterate: (_context, next) => next().catch(() => undefined),
      }),
      { interrupt: { afterItems: 2 }, hold: true },
    )
    expect(await run.slice()).toMatchObject({ status: 'interrupted', progress: { done: 2 } })
  })
})
