import { describe, expect, it } from 'vitest'
import { defineIteration, defineJob, retryOn } from '../../../src/engine/index.ts'
import { runOptions } from '../../../src/engine/runs/start.ts'
import { retryOf, retryWaitMs, storedRetry } from '../../../src/engine/policies/retry-policy.ts'

const define = (settings: object) =>
  defineIteration({
    name: 'settings',
    buildEnumerator: () => null,
    eachIteration: () => undefined,
    ...settings,
  })

describe('F24 a setting that cannot be meant is refused where the job is defined', () => {
  it.each([
    { retry: { attempts: 0 } },
    { retry: { attempts: -1 } },
    { retry: { attempts: 2.5 } },
    { retry: { attempts: Number.NaN } },
    { retry: { attempts: '3' } },
    { retry: { waitMs: Number.NaN } },
    { retry: { waitMs: Infinity } },
    { retry: { maxWaitMs: -1 } },
    { retry: { totalErrors: 0 } },
    { retry: null },
    { budget: { items: -1 } },
    { budget: { wallMs: Number.NaN } },
    { budget: { statements: '850' } },
    { commit: { everyItems: 0 } },
    { commit: { everyItems: Number.NaN } },
    { commit: { everyMs: -5 } },
    { resume: { maxResumptions: -1 } },
    { resume: { maxResumptions: Number.NaN } },
    { resume: { wait: 'soon' } },
    { resume: { queue: '' } },
    { skip: { attempts: 0 } },
    { skip: { maxSkips: Number.NaN } },
    { skip: { maxSkipRate: 1.5 } },
    { skip: { on: [] } },
    { limit: Number.NaN },
    { limit: -1 },
    { unitSize: 0 },
    { errors: [() => true] },
    { errors: retryOn(Error) },
    { onComplete: 'yes' },
    { continuations: [] },
    { onShutdown: {} },
    { onComplete: function* () {} },
    { continuations: async function* () {} },
  ])('%j', (settings) => {
    expect(() => define(settings)).toThrow(
      expect.objectContaining({
        code: 'invalid_job',
        message: expect.stringContaining('expected'),
      }),
    )
  })

  it.each([
    { retry: { attempts: Infinity, totalErrors: Infinity, maxWaitMs: Infinity } },
    { commit: { everyItems: Infinity, everyMs: Infinity } },
    { budget: { wallMs: 0, items: 0 } },
    { resume: { maxResumptions: 0 } },
    { skip: { maxSkips: 0, maxSkipRate: 0 } },
    { limit: Infinity },
    { retry: { attempts: undefined } },
  ])('but not %j', (settings) => {
    expect(define(settings).name).toBe('settings')
  })

  it('in steps as well', () => {
    const inSteps = () =>
      defineJob({ name: 'x', retry: { attempts: 0 }, perform: () => Promise.resolve() })
    expect(inSteps).toThrow('retry.attempts is 0; expected a whole number from 1 up, or Infinity')
  })

  it('and where a run is started', () => {
    for (const commit of [{ everyItems: 0 }, { everyMs: Number.NaN }]) {
      expect(() => runOptions(define({}), { commit })).toThrow(
        expect.objectContaining({ code: 'invalid_options' }),
      )
    }
  })
})

describe('no limit', () => {
  it('is stored in a form that JSON holds, and read back from what older code stored', () => {
    const given = { attempts: Infinity, totalErrors: Infinity, maxWaitMs: Infinity }
    const stored = JSON.parse(JSON.stringify(storedRetry(given))) as ReturnType<typeof storedRetry>
    expect(retryOf(stored).attempts).toBeGreaterThan(1e15)
    expect(retryOf(stored).totalErrors).toBeGreaterThan(1e15)
    expect(retryOf({ attempts: null, totalErrors: null, waitMs: 5, maxWaitMs: 6 })).toMatchObject({
      attempts: retryOf(stored).attempts,
      waitMs: 5,
    })
  })

  it('of waits still gives waits that a date can hold', () => {
    const policy = retryOf(storedRetry({ maxWaitMs: Infinity, waitMs: 1_000 }))
    const wait = retryWaitMs(policy, 5_000, () => 0)
    expect(new Date(Date.now() + wait).getUTCFullYear()).toBeLessThan(2_100)
    expect(retryWaitMs({ waitMs: 0, maxWaitMs: 10 }, 5_000, () => 0)).toBe(0)
  })
})
