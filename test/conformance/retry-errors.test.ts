import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineIteration,
  defineJob,
  discardOn,
  NonRetryableError,
  restartOn,
  RetryAfterError,
  retryOn,
  type ErrorRule,
  type Job,
} from '../../src/engine/index.ts'
import { listSkips, runObjects } from '../../src/engine/runs/index.ts'
import { markD1 } from '../../src/engine/store/d1/verdict.ts'
import { createTables, driving, upTo } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf, type RunOf } from '../support/run-of.ts'

beforeAll(createTables)

class Obsolete extends NonRetryableError {}
class Busy extends RetryAfterError {}

interface Settings {
  rules?: ErrorRule[]
  attempts?: number
  /** Commits three items before it fails. */
  progress?: boolean
}

/** Throws what `fail` makes in a step, as long as it makes something. */
const inStep = (
  fail: () => Error | undefined,
  { rules = [], attempts = 5, progress = false }: Settings = {},
): Job =>
  defineJob({
    name: 'in-step',
    errors: rules,
    retry: { attempts, waitMs: 1_000 },
    async perform({ step, effects, run }) {
      if (progress) {
        await step('count', { start: 1 }, async (step) => {
          while (step.cursor <= 3) {
            append(effects, run.id, step.cursor)
            await step.advance()
          }
        })
      }
      await step('fail', () => {
        const error = fail()
        if (error) throw error
      })
    },
  })

/** Ten items, of which the fourth throws. */
const inItem = (fail: () => Error, skip?: object): Job =>
  defineIteration({
    name: 'in-item',
    ...(skip && { skip }),
    retry: { attempts: 3 },
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(10), { cursor }),
    eachIteration(item, { effects, run }) {
      if (item === 4) throw fail()
      append(effects, run.id, item)
    },
  })

/** How long the run waits after its next slice. */
async function waitAfterSlice(run: RunOf): Promise<number> {
  const before = Date.now()
  await run.slice()
  return Number((await driving(run.id)).sendAt) - before
}

const SLACK_MS = 5_000

function inAnHour(): Date {
  return new Date(Date.now() + 3_600_000)
}

function answer(retryAfter?: string): Response {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  return new Response(null, { status: 429, headers })
}

describe('an error that is never retried', () => {
  it.each([
    ['without progress', {}],
    ['after progress', { progress: true }],
    ['whatever a rule to retry or restart says', { rules: [retryOn(Error), restartOn(Error)] }],
  ])('fails the run at once, %s', async (_when, settings: Settings) => {
    const cause = new TypeError('410')
    const run = await runOf(
      inStep(() => new NonRetryableError('the customer has left', { cause }), settings),
    )
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      slices: 1,
      error: {
        name: 'NonRetryableError',
        message: 'the customer has left',
        cause: { name: 'TypeError', message: '410' },
      },
    })
    expect(run.told('run.errored')).toMatchObject([
      { willRetry: false, error: { message: 'the customer has left' } },
    ])
    expect(await run.appended()).toEqual(settings.progress ? upTo(3) : [])
  })

  it('leaves the run to a person, who may retry it', async () => {
    const errors: Error[] = [new NonRetryableError('not yet')]
    const run = await runOf(inStep(() => errors.shift()))
    expect(await run.slice()).toMatchObject({ status: 'failed' })
    await runObjects(env)(run.id).command('retry', {})
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })

  it('can be discarded by a rule, which retries nothing either, and keeps its own name', async () => {
    const run = await runOf(
      inStep(() => new Obsolete('no longer wanted'), {
        rules: [retryOn(Obsolete), discardOn(Obsolete)],
      }),
    )
    expect(await run.slice()).toMatchObject({
      status: 'cancelled',
      error: { name: 'Obsolete', message: 'no longer wanted' },
      slices: 1,
    })
  })

  it('is passed over without another attempt where items may be skipped', async () => {
    let handled = 0
    const job = inItem(
      () => {
        handled += 1
        return new NonRetryableError('bad for good')
      },
      { attempts: 3 },
    )
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 9, skipped: 1 },
    })
    expect(handled).toBe(1)
    const { skips } = await listSkips(env.DB, run.id, { limit: 5 })
    expect(skips).toMatchObject([{ attempts: 1, error: { name: 'NonRetryableError' } }])
  })

  it('is so also for a failure of D1, which alone would be waited for', async () => {
    const cause = new Error('D1_ERROR: Network connection lost.')
    const fail = () => new NonRetryableError('the import is over', { cause: markD1(cause) })
    expect(await (await runOf(inStep(fail))).slice()).toMatchObject({
      status: 'failed',
      error: { message: 'the import is over' },
    })
    expect(await (await runOf(inItem(fail, {}))).drain()).toMatchObject({
      status: 'completed',
      progress: { skipped: 1 },
    })
  })

  it.each(['buildEnumerator', 'onStart', 'eachIteration', 'onShutdown', 'onComplete'])(
    'ends the run from %s, too',
    async (where) => {
      const refuse = (here: string) => {
        if (here === where) throw new NonRetryableError(`refused in ${here}`)
      }
      const run = await runOf(
        defineIteration({
          name: 'refusing',
          buildEnumerator({ cursor, enumerators }) {
            refuse('buildEnumerator')
            return enumerators.array(upTo(3), { cursor })
          },
          onStart: () => refuse('onStart'),
          eachIteration: () => refuse('eachIteration'),
          onShutdown: () => refuse('onShutdown'),
          onComplete: () => refuse('onComplete'),
        }),
      )
      expect(await run.drain()).toMatchObject({
        status: 'failed',
        error: { message: `refused in ${where}` },
        slices: 1,
      })
    },
  )
})

describe('an error that is retried after a time', () => {
  const afters: [what: string, after: () => number | string | Date | Response, ms: number][] = [
    ['a duration', () => '2 minutes', 120_000],
    ['milliseconds', () => 90_000, 90_000],
    ['a time', inAnHour, 3_600_000],
    ['a time in words', () => inAnHour().toISOString(), 3_600_000],
    ['a response that says so', () => answer('70'), 70_000],
    ['a response that does not, after the usual wait', () => answer(), 1_000],
  ]
  it.each(afters)('waits for %s', async (_what, after, waitMs) => {
    const errors: Error[] = [new RetryAfterError('the supplier is busy', after())]
    const run = await runOf(inStep(() => errors.shift(), { progress: true }))
    const waited = await waitAfterSlice(run)
    expect(waited).toBeGreaterThan(waitMs * 0.74 - 100)
    expect(waited).toBeLessThan(waitMs + SLACK_MS)
    expect(await run.view()).toMatchObject({
      status: 'queued',
      resumeAt: expect.any(String),
      error: { name: 'RetryAfterError', message: 'the supplier is busy' },
    })
    expect(run.told('run.errored')).toMatchObject([{ willRetry: true }])
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual(upTo(3))
  })

  it('uses up an attempt: with the last one the run fails', async () => {
    const run = await runOf(inStep(() => new RetryAfterError('busy', '2m'), { attempts: 3 }))
    expect(await waitAfterSlice(run)).toBeGreaterThan(119_000)
    expect(await waitAfterSlice(run)).toBeGreaterThan(119_000)
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      slices: 3,
      error: { message: 'busy' },
    })
  })

  it('uses up those of a rule to retry, whose wait it replaces', async () => {
    const rules = [retryOn(Busy, { wait: '1s', attempts: 2 })]
    const run = await runOf(inStep(() => new Busy('busy', '3m'), { rules }))
    expect(await waitAfterSlice(run)).toBeGreaterThan(179_000)
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      slices: 2,
      error: { name: 'Busy' },
    })
  })

  it('is neither discarded nor started over by a rule for every error', async () => {
    const errors: Error[] = [new RetryAfterError('busy', 5)]
    const rules = [discardOn(Error), restartOn(Error)]
    const run = await runOf(inStep(() => errors.shift(), { rules, progress: true }))
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual(upTo(3))
  })

  it('skips no item: the run comes back to it', async () => {
    const errors = [new RetryAfterError('busy', '2m'), new Error('bad')]
    const run = await runOf(inItem(() => errors.shift() ?? new Error('worse'), { attempts: 1 }))
    expect(await waitAfterSlice(run)).toBeGreaterThan(119_000)
    expect(await run.view()).toMatchObject({ progress: { skipped: 0 } })
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 9, skipped: 1 },
    })
    const { skips } = await listSkips(env.DB, run.id, { limit: 5 })
    expect(skips).toMatchObject([{ error: { message: 'bad' } }])
  })

  it.each([
    -1,
    Number.NaN,
    Infinity,
    '5 fortnights',
    '2026-12-24',
    new Date(Number.NaN),
    undefined,
  ])('is refused where it is made for %s', async (after) => {
    const make = () => new RetryAfterError('busy', after as string)
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_options' }))
    const run = await runOf(inStep(make))
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_options' },
    })
  })

  it('whose wait was tampered with afterwards waits as usual', async () => {
    const error = Object.assign(new RetryAfterError('busy', 5), { waitMs: Number.NaN })
    const errors: Error[] = [error]
    const run = await runOf(inStep(() => errors.shift()))
    expect(await waitAfterSlice(run)).toBeLessThan(SLACK_MS)
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })
})

it('neither shows what params hide', async () => {
  for (const make of [
    (text: string) => new NonRetryableError(text, { cause: new Error(`no ${text}`) }),
    (text: string) => new RetryAfterError(text, '1h', { cause: new Error(`no ${text}`) }),
  ]) {
    const job = defineJob({
      name: 'hiding',
      params: z.object({ apiKey: z.string() }),
      sensitive: ['apiKey'],
      async perform({ params }) {
        await scheduler.wait(0)
        throw make(`key ${params.apiKey} is wrong`)
      },
    })
    const run = await runOf(job, { params: { apiKey: 'hunter2-hunter2' } })
    const shown = JSON.stringify([await run.slice(), run.events])
    expect(shown).toContain('is wrong')
    expect(shown).not.toContain('hunter2')
  }
})
