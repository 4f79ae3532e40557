import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineIteration,
  defineJob,
  retryOn,
  type Job,
  type Step,
} from '../../../src/engine/index.ts'
import { runObjects } from '../../../src/engine/runs/index.ts'
import type { Claim, RunObject } from '../../../src/engine/drive/protocol.ts'
import { bench, createTables, driving, setDriving } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

const twoAttempts = { retry: { attempts: 2, waitMs: 1 } }

/** Slices as long as the run is at work, and a few at most. */
async function slices(run: RunOf, most = 12) {
  for (let slice = 0; slice < most && !(await run.view()).finishedAt; slice++) await run.slice()
  return run.view()
}

/** A job of one step that does `work` and then fails. */
const failing = (work: (step: Step<number>, job: { add: () => void }) => Promise<unknown>): Job =>
  defineJob({
    name: 'failing-after-work',
    ...twoAttempts,
    perform: ({ step, effects, run }) =>
      step('work', { start: 5 }, async (step) => {
        await work(step, { add: () => append(effects, run.id, 1) })
        throw new Error('again')
      }),
  })

describe('what is no progress, so that attempts run out', () => {
  it.each<[string, Parameters<typeof failing>[0]]>([
    ['R69 a cursor set to what it is', (step) => step.set(5)],
    ['R07 effects before a bare checkpoint', (step, { add }) => (add(), step.checkpoint())],
    ['effects before a cursor that is set to what it is', (step, { add }) => (add(), step.set(5))],
    [
      'a step within the step that was only begun',
      (step, { add }) =>
        step.step('inner', async (inner) => {
          add()
          await inner.checkpoint()
          throw new Error('again')
        }),
    ],
  ])('%s', async (_what, work) => {
    const run = await runOf(failing(work))
    expect(await slices(run)).toMatchObject({ status: 'failed', error: { message: 'again' } })
    const { slices: count } = await run.view()
    expect(count).toBe(2)
    expect((await run.appended()).length).toBeLessThanOrEqual(2)
  })

  it('R69 counts no item for a cursor that is set to what it is', async () => {
    const run = await runOf(failing((step) => step.set(5)))
    expect(await slices(run)).toMatchObject({ slices: 2, progress: { done: 0 } })
  })

  it.each([1, 3])(
    'the start of an iteration: its first item is tried as often as attempts say (%i)',
    async (attempts) => {
      const tries: number[] = []
      const run = await runOf(
        defineIteration({
          name: 'first-item-fails',
          errors: [retryOn(Error, { attempts, wait: 1 })],
          buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
          onStart: ({ effects, run: { id } }) => append(effects, id, 7),
          eachIteration(_item, { run: { attempt } }) {
            tries.push(attempt)
            throw new Error('always')
          },
        }),
      )
      const retry = { failed: attempts, limit: attempts }
      expect(await slices(run)).toMatchObject({ status: 'failed', progress: { done: 0 }, retry })
      expect(tries).toEqual([1, 2, 3].slice(0, attempts))
      expect(await run.appended()).toEqual([7])
    },
  )
})

describe('what is progress, so that attempts begin again', () => {
  it.each<[string, (step: Step<number>, state: { seen: number }) => Promise<unknown>]>([
    ['a cursor that moves', (step) => step.advance()],
    ['an attribute that changes', (step, state) => ((state.seen += 1), step.checkpoint())],
  ])('%s', async (_what, work) => {
    const run = await runOf(
      defineJob({
        name: 'getting-on',
        ...twoAttempts,
        attributes: z.object({ seen: z.number().default(0) }),
        perform: ({ step, attributes }) =>
          step('work', { start: 0 }, async (step) => {
            if (step.cursor + attributes.seen >= 5) return
            await work(step, attributes)
            throw new Error('after progress')
          }),
      }),
    )
    expect(await slices(run)).toMatchObject({ status: 'completed', slices: 6 })
  })

  it('an attribute that is assigned what it is does not', async () => {
    const run = await runOf(
      defineJob({
        name: 'assigning-the-same',
        ...twoAttempts,
        attributes: z.object({ seen: z.number().default(0) }),
        perform: ({ step, attributes }) =>
          step('work', async (step) => {
            attributes.seen = 0
            await step.checkpoint()
            throw new Error('again')
          }),
      }),
    )
    expect(await slices(run)).toMatchObject({ status: 'failed', slices: 2 })
  })
})

describe('attempts of a rule are executions, as in Rails', () => {
  const executions = async (style: 'steps' | 'iteration', attempts: number, at: number) => {
    let tries = 0
    const work = (item: number): void => {
      if (item < at) return
      tries += 1
      throw new Error('always')
    }
    const errors = [retryOn(Error, { attempts, wait: 1 })]
    const job =
      style === 'iteration'
        ? defineIteration({
            name: 'executions-iteration',
            errors,
            buildEnumerator: ({ cursor, enumerators }) => enumerators.times(4, { cursor }),
            eachIteration: (item) => work(item),
          })
        : defineJob({
            name: 'executions-steps',
            errors,
            perform: async ({ step }) => {
              for (let index = 0; index < 4; index++) await step(`step-${index}`, () => work(index))
            },
          })
    const end = await slices(await runOf(job))
    return { status: end.status, tries }
  }

  it.each([
    ['steps', 1, 0],
    ['steps', 1, 2],
    ['steps', 3, 2],
    ['iteration', 1, 2],
    ['iteration', 3, 2],
    ['iteration', 3, 0],
  ] as const)('%s: %i attempts, at item %i', async (style, attempts, at) => {
    expect(await executions(style, attempts, at)).toEqual({ status: 'failed', tries: attempts })
  })

  it('and five by default', async () => {
    let tries = 0
    const run = await runOf(
      defineIteration({
        name: 'five-by-default',
        errors: [retryOn(Error, { wait: 1 })],
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration(item) {
          if (item === 1) throw new Error(`try ${++tries}`)
        },
      }),
    )
    expect(await slices(run)).toMatchObject({ status: 'failed', error: { message: 'try 5' } })
  })

  it.each([
    [0, 5],
    // An error after progress resumes the run first, as Rails does.
    [1, 6],
  ])(
    'without a rule five slices without progress, in both styles: item %i, %i tries',
    async (at, count) => {
      let tries = 0
      const work = (item: number): void => {
        if (item === at) throw new Error(`try ${++tries}`)
      }
      const iteration = defineIteration({
        name: 'no-rule-iteration',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration: (item) => work(item),
      })
      const steps = defineJob({
        name: 'no-rule-steps',
        perform: async ({ step }) => {
          for (let index = 0; index < 3; index++) await step(`step-${index}`, () => work(index))
        },
      })
      for (const job of [iteration, steps]) {
        tries = 0
        const end = await slices(await runOf(job))
        expect([end.status, tries]).toEqual(['failed', count])
      }
    },
  )
})

describe('no limit', () => {
  it.each([{ attempts: Infinity }, { attempts: Infinity, totalErrors: Infinity, waitMs: 1 }])(
    'of %j holds over an eviction',
    async (retry) => {
      let failures = 0
      const run = await runOf(
        defineJob({
          name: 'unlimited',
          retry,
          perform: ({ step }) =>
            step('flaky', () => {
              if (++failures < 8) throw new Error('not yet')
            }),
        }),
      )
      await run.slice()
      await bench.evict(run.id)
      expect(await slices(run)).toMatchObject({ status: 'completed', slices: 8 })
    },
  )
})

describe('an object and a consumer of different releases', () => {
  const job = defineJob({
    name: 'across-releases',
    ...twoAttempts,
    perform: ({ step, effects, run }) =>
      step('work', async (step) => {
        append(effects, run.id, 1)
        await step.checkpoint()
        throw new Error('again')
      }),
  })

  it('agree that commits are what counts, where one of them knows nothing else', async () => {
    const run = await runOf(job)
    const older = (id: string): RunObject => {
      const real = runObjects(env)(id)
      const granted = async (lane: number, n: number): Promise<Claim> => {
        const claim = await real.claim(lane, n)
        if (claim.ok) {
          delete claim.progressBefore
          delete claim.stumbled
        }
        return claim
      }
      const parts: Partial<RunObject> = {
        claim: granted,
        report: ({ progress: _progress, ...news }) => real.report(news),
        release: (last, fence, outcome) => real.release(last, fence, outcome),
      }
      return parts as RunObject
    }
    await run.slice({ objects: older })
    await setDriving(run.id, { progress: undefined, progressBefore: undefined })
    expect(await slices(run)).toMatchObject({ status: 'failed' })
    expect((await driving(run.id)).attempts).toBeLessThanOrEqual(2)
  })
})
