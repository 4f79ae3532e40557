import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, Throttled } from '../../src/engine/index.ts'
import { createTables } from '../support/drive.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const number = expect.any(Number)
const text = expect.any(String)
const common = (job: string, run: string) => ({ job, run, at: text, fence: number })

describe('B17 events tell at least what the originals tell', () => {
  it('of steps, as `*.active_job` does', async () => {
    let failing = true
    const run = await runOf(
      defineJob({
        name: 'told-steps',
        budget: { items: 2 },
        async perform({ step }) {
          await step('first', () => undefined)
          await step('second', { start: 0 }, async (step) => {
            while (step.cursor < 4) {
              if (step.cursor === 3 && failing) throw new TypeError('three')
              await step.advance()
            }
          })
        },
      }),
    )
    await run.slice()
    await run.slice()
    failing = false
    await run.drain()
    const all = common('told-steps', run.id)
    const at2 = { completedSteps: ['first'], currentStep: 'second', cursor: 2 }
    expect(run.told('run.interrupted')[0]).toEqual({
      ...all,
      ...at2,
      type: 'run.interrupted',
      reason: 'budget',
      description: "at 'second', cursor 2",
    })
    expect(run.told('run.resumed')[0]).toMatchObject({
      ...all,
      ...at2,
      description: "at 'second', cursor 2",
    })
    expect(run.told('step.started')).toMatchObject([
      { ...all, step: 'first', cursor: null, resumed: false },
      { ...all, step: 'second', cursor: 0, resumed: false },
      { ...all, step: 'second', cursor: 2, resumed: true },
      { ...all, step: 'second', cursor: 3, resumed: true },
    ])
    expect(run.told('step.skipped')).toMatchObject([{ step: 'first' }, { step: 'first' }])
    expect(run.told('step.interrupted')).toMatchObject([
      { ...all, step: 'second', cursor: 2, durationMs: number },
    ])
    expect(run.told('step.errored')).toMatchObject([
      {
        ...all,
        step: 'second',
        cursor: 3,
        durationMs: number,
        error: { name: 'TypeError', message: 'three' },
      },
    ])
    expect(run.told('step.completed')).toMatchObject([
      { ...all, step: 'first', durationMs: number },
      { ...all, step: 'second', durationMs: number },
    ])
  })

  it('of an iteration, as `*.iteration` does', async () => {
    let throttled = true
    const run = await runOf(
      defineIteration({
        name: 'told-iteration',
        async *buildEnumerator({ cursor }) {
          for (let item = cursor === null ? 0 : Number(cursor) + 1; item < 3; item++) {
            if (item === 2 && throttled) yield new Throttled(1_000)
            yield [item, item] as const
          }
        },
        eachIteration: () => undefined,
      }),
    )
    await run.slice({ itemEvents: true })
    throttled = false
    await run.drain({ itemEvents: true })
    const all = common('told-iteration', run.id)
    const history = { timesInterrupted: 1, totalTimeMs: number }
    expect(run.told('iteration.built')).toMatchObject([
      { ...all, cursor: null, durationMs: number },
      { ...all, cursor: 1, durationMs: number },
    ])
    expect(run.told('iteration.item')).toMatchObject(
      [0, 1, 2].map((cursor) => ({ ...all, cursor, durationMs: number })),
    )
    expect(run.told('iteration.throttled')).toMatchObject([{ ...all, cursor: 1, waitMs: 1_000 }])
    expect(run.told('run.interrupted')).toMatchObject([{ ...all, cursor: 1, reason: 'throttle' }])
    expect(run.told('run.resumed')).toMatchObject([{ ...all, ...history, cursor: 1 }])
    expect(run.told('iteration.completed')).toMatchObject([{ ...all, ...history, cursor: 2 }])
  })
})
