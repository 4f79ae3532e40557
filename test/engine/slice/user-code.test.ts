import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineIteration,
  defineJob,
  type Effects,
  type Step,
  type StepFunction,
} from '../../../src/engine/index.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'
import { appended, createTables, deliver, drain, truth, upTo, view } from '../../support/drive.ts'

beforeAll(createTables)

describe('I08 what user code does with an interrupt', () => {
  it('B03 R76 a swallowed interrupt is still an interrupt', async () => {
    let swallowed = 0
    const swallowing = defineJob({
      name: 'swallowing',
      async perform({ step, effects, run }) {
        await step('work', { start: 1 }, async (step) => {
          while (step.cursor <= 5) {
            try {
              append(effects, run.id, step.cursor)
              await step.advance()
            } catch {
              swallowed += 1
              if (swallowed > 20) return
            }
          }
        }).catch(() => undefined)
        await step('after', () => append(effects, run.id, 99)).catch(() => undefined)
      },
    })
    const { id: run, jobs } = await runOf(swallowing, { interrupt: { afterItems: 2 }, hold: true })
    await deliver(run, { jobs })
    expect(swallowed).toBeGreaterThan(1)
    expect(await view(run)).toMatchObject({
      status: 'interrupted',
      held: true,
      cursor: 3,
      progress: { done: 2 },
    })
    expect(await appended(run)).toEqual([1, 2])
  })

  const unawaited: [
    string,
    (step: StepFunction, effects: Effects, run: string) => Promise<void>,
  ][] = [
    [
      'a step that is still running',
      async (step) => {
        void step('slow', () => scheduler.wait(5)).catch(() => undefined)
      },
    ],
    [
      'a second step that has not begun',
      async (step) => {
        await step('one', () => undefined)
        void step('two', () => undefined).catch(() => undefined)
      },
    ],
  ]

  it.each(unawaited)('B03 an un-awaited step is an error: %s', async (_what, perform) => {
    const floating = defineJob({
      name: 'floating',
      perform: ({ step, effects, run }) => perform(step, effects, run.id),
    })
    const { id: run, jobs } = await runOf(floating)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      error: { code: 'step_not_awaited' },
    })
  })

  it('steps that run at the same time are an error', async () => {
    const parallel = defineJob({
      name: 'parallel',
      async perform({ step }) {
        await Promise.all([
          step('one', () => scheduler.wait(1)),
          step('two', () => scheduler.wait(1)),
        ])
      },
    })
    const { id: run, jobs } = await runOf(parallel)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_step' },
    })
  })

  it('a checkpoint that is not awaited while it commits is an error', async () => {
    const floating = defineJob({
      name: 'floating-checkpoint',
      commit: { everyItems: 1 },
      perform: ({ step, effects, run }) =>
        step('work', { start: 0 }, async (step) => {
          append(effects, run.id, 1)
          void step.advance().catch(() => undefined)
          append(effects, run.id, 2)
          await step.advance()
        }),
    })
    const { id: run, jobs } = await runOf(floating)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      error: { code: 'checkpoint_not_awaited' },
    })
    expect(await appended(run)).toEqual([1])
  })

  it('steps and effects of a released slice throw', async () => {
    let kept: { step: Step; effects: Effects; run: string } | undefined
    const leaking = defineJob({
      name: 'leaking',
      perform: ({ step, effects, run }) =>
        step('work', (step) => {
          kept = { step, effects, run: run.id }
        }),
    })
    const { id: run, jobs } = await runOf(leaking)
    await drain(run, { jobs })
    expect(() => kept?.effects.run('DELETE FROM appended')).toThrow('released')
    await expect(kept?.step.set(1)).rejects.toThrow('released')
    await expect(kept?.step.checkpoint()).rejects.toThrow('released')
  })

  it('effects outside any step are refused, because that code runs again on each resumption', async () => {
    const outside = defineJob({
      name: 'outside',
      async perform({ step, effects, run }) {
        append(effects, run.id, 1)
        await step('work', () => undefined)
      },
    })
    const { id: run, jobs } = await runOf(outside)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      error: { code: 'effect_outside_step' },
    })
    expect(await appended(run)).toEqual([])
  })
})

describe('hooks of an iteration', () => {
  const calls: string[] = []
  const hooked = defineIteration({
    name: 'hooked',
    params: z.strictObject({ items: z.number() }),
    buildEnumerator: ({ params, cursor, enumerators }) =>
      params.items < 0 ? null : enumerators.array(upTo(params.items), { cursor }),
    eachIteration: (item, { effects, run }) => append(effects, run.id, item),
    onStart: ({ effects, run }) => {
      calls.push('start')
      append(effects, run.id, -1)
    },
    onShutdown: ({ effects, run }) => {
      calls.push('shutdown')
      append(effects, run.id, -2)
    },
    onComplete: () => {
      calls.push('complete')
      return { said: 'done' }
    },
  })

  it('run once at the start, at the end of each slice, and once when all is done', async () => {
    calls.length = 0
    const { id: run, jobs } = await runOf(hooked, {
      params: { items: 3 },
      interrupt: { afterItems: 2 },
    })
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'completed',
      result: { said: 'done' },
      progress: { total: 3 },
    })
    expect(calls).toEqual(['start', 'shutdown', 'shutdown', 'complete'])
    expect(await appended(run)).toEqual([-2, -2, -1, 1, 2, 3])
  })

  it('J10 do not run at all when there is no enumerator', async () => {
    calls.length = 0
    const { id: run, jobs } = await runOf(hooked, { params: { items: -1 } })
    expect(await drain(run, { jobs })).toMatchObject({ status: 'completed', progress: { done: 0 } })
    expect(calls).toEqual([])
  })

  it('J38 S02 refuse what is no enumerator', async () => {
    const wrong = defineIteration({
      name: 'wrong',
      buildEnumerator: (() => [1, 2]) as never,
      eachIteration: () => undefined,
    })
    const { id: run, jobs } = await runOf(wrong)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_enumerator' },
    })
    expect((await truth(run)).status).toBe('failed')
  })
})
