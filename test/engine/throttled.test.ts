import { describe, expect, it } from 'vitest'
import { retryOn, Throttled } from '../../src/engine/index.ts'
import { durationMs } from '../../src/engine/durations.ts'

describe('F18 a wait that is no number of milliseconds is refused where it is given (pi#9724)', () => {
  it.each([NaN, Infinity, -Infinity, -1, '30s', '', null, true, 10n, {}, Symbol('s'), 1e15])(
    'new Throttled(%s)',
    (waitMs) => {
      expect(() => new Throttled(waitMs as number)).toThrow(
        expect.objectContaining({
          code: 'invalid_enumerator',
          message: expect.stringContaining('expected milliseconds from 0 up'),
        }),
      )
    },
  )

  it('and one that is, waits no less; without one the wait is left to the engine', () => {
    expect(new Throttled(1_500.2).waitMs).toBe(1_501)
    expect(new Throttled(0).waitMs).toBe(0)
    expect(new Throttled().waitMs).toBeUndefined()
    expect(new Throttled(undefined, 'not yet').why).toBe('not yet')
  })

  it.each([NaN, Infinity, -1, 'soon', '5', '1e3s', '', null, undefined, 10n, {}, Symbol('s')])(
    'a duration of %s, wherever one is taken',
    (duration) => {
      expect(() => durationMs(duration as number)).toThrow(
        expect.objectContaining({ code: 'invalid_options' }),
      )
    },
  )

  it('a rule whose wait is none is refused, and one that computes none says so when it is asked', () => {
    expect(() => retryOn(Error, { wait: NaN })).toThrow(
      expect.objectContaining({ code: 'invalid_job' }),
    )
    expect(() => retryOn(Error, { wait: () => NaN }).waitMs(1, Math.random)).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    )
  })
})
