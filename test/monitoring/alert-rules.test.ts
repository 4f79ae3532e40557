import { describe, expect, it } from 'vitest'
import {
  overBudget,
  overSkipRate,
  stalled,
  usualInterval,
  type Judged,
} from '../../src/monitoring/alert-rules.ts'
import { defineJob, type AlertPolicy } from '../../src/engine/index.ts'

const MINUTE = 60_000
const run: Judged = {
  policy: {},
  startedAt: 0,
  finishedAt: null,
  done: 0,
  skipped: 0,
  cost: { d1RowsRead: 0, d1RowsWritten: 0, queueOperations: 0, durableObjectRequests: 0 },
}

describe('the usual interval of a run', () => {
  it('is the median gap between its newest commits, so that one long wait changes nothing', () => {
    expect(
      usualInterval(
        0,
        [90, 80, 70, 60].map((minute) => minute * MINUTE),
      ),
    ).toBe(10 * MINUTE)
    const heldForDays = [4_330, 4_320, 20, 10].map((minute) => minute * MINUTE)
    expect(usualInterval(0, heldForDays)).toBe(10 * MINUTE)
  })

  it('begins with the start of the run, and is a minute before its first commit', () => {
    expect(usualInterval(1_000, [8_000])).toBe(7_000)
    expect(usualInterval(1_000, [])).toBe(MINUTE)
  })
})

describe('a run is stalled', () => {
  it.each<[what: string, policy: AlertPolicy, interval: number, quiet: number, told: boolean]>([
    ['after ten times its interval', {}, 10 * MINUTE, 100 * MINUTE + 1, true],
    ['not before that, however long it takes', {}, 10 * MINUTE, 100 * MINUTE, false],
    ['after a minute, when it is fast', {}, 20, MINUTE + 1, true],
    ['not within a minute', {}, 20, MINUTE, false],
    ['after as many times as its job says', { stalledAfter: 2 }, MINUTE, 2 * MINUTE + 1, true],
  ])('%s', (_what, policy, interval, quiet, told) => {
    expect(stalled(policy, quiet, interval) !== undefined).toBe(told)
  })

  it('and says so in words', () => {
    expect(stalled({}, 150_000, 34)).toBe('Nothing committed for 150 s; it usually takes 34 ms')
    expect(stalled({}, 150_000, 2_340)).toBe('Nothing committed for 150 s; it usually takes 2.3 s')
  })
})

describe('a run skips too much', () => {
  const policy = { skipRate: 0.1 }
  it('above its rate, from the 20th item on, and never where its job wants none', () => {
    expect(overSkipRate({ ...run, policy, done: 17, skipped: 3 })).toBe(
      '3 of 20 items skipped, 15 %; expected at most 10 %',
    )
    expect(overSkipRate({ ...run, policy, done: 18, skipped: 2 })).toBeUndefined()
    expect(overSkipRate({ ...run, policy, done: 0, skipped: 19 })).toBeUndefined()
    const silent = { ...run, policy: { skipRate: false as const } }
    expect(overSkipRate({ ...silent, done: 0, skipped: 1_000 })).toBeUndefined()
  })

  it('above one of ten where its job says nothing', () => {
    expect(overSkipRate({ ...run, policy: {}, done: 90, skipped: 10 })).toBeUndefined()
    expect(overSkipRate({ ...run, policy: {}, done: 80, skipped: 20 })).toContain('at most 10 %')
  })

  it('at the first skip, if none is allowed', () => {
    const none = { ...run, policy: { skipRate: 0 } }
    expect(overSkipRate({ ...none, done: 99, skipped: 1 })).toContain('at most 0 %')
    expect(overSkipRate({ ...none, done: 99 })).toBeUndefined()
  })
})

describe('a run is over its budget', () => {
  const cost = { ...run.cost, d1RowsRead: 1_000_000, d1RowsWritten: 2_000_000 }

  it('in dollars, in rows written, in time, and says all of it', () => {
    const policy = { budget: { dollars: 2, d1RowsWritten: 1_000_000, durationMs: 90_000 } }
    expect(overBudget({ ...run, policy, cost }, 120_000)).toBe(
      'Over its budget: it has cost $2.001000, expected at most $2; it has written 2000000 rows in D1, expected at most 1000000; it has taken 120 s, expected at most 90 s',
    )
  })

  it('not at its limits, not without any, and not by the time after its end', () => {
    const policy = { budget: { dollars: 2.001, d1RowsWritten: 2_000_000, durationMs: 90_000 } }
    const ended = { ...run, policy, cost, finishedAt: 90_000 }
    expect(overBudget(ended, 500_000)).toBeUndefined()
    expect(overBudget({ ...run, cost }, 500_000)).toBeUndefined()
  })
})

describe('the alerts of a job', () => {
  it.each<[alerts: unknown, problem: string]>([
    [{ stalledAfter: 0 }, 'alerts.stalledAfter is 0; expected a number above 0'],
    [{ stalledAfter: Infinity }, 'alerts.stalledAfter is Infinity'],
    [
      { skipRate: 1 },
      'alerts.skipRate is 1; expected a number from 0 up to, not including, 1, or false',
    ],
    [
      { skiprate: 0.1 },
      "alerts has no 'skiprate'; expected one of: stalledAfter, slowAfter, skipRate, budget",
    ],
    [{ budget: { dollars: '5' } }, 'alerts.budget.dollars is "5"; expected a number above 0'],
    [{ budget: { euros: 5 } }, "alerts.budget has no 'euros'"],
    [{ budget: null }, 'alerts.budget is null; expected an object'],
    ['all', 'alerts is "all"; expected an object'],
  ])('are refused when the Worker starts: %j', (alerts, problem) => {
    const define = () =>
      defineJob({
        name: 'alerting',
        alerts: alerts as AlertPolicy,
        perform: () => Promise.resolve(),
      })
    expect(define).toThrow(`Job "alerting" is malformed: ${problem}`)
  })
})
