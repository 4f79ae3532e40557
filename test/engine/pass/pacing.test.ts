import { describe, expect, it } from 'vitest'
import { durationMs } from '../../../src/engine/durations.ts'
import { Budget } from '../../../src/engine/pass/budget.ts'
import { CommitPacer } from '../../../src/engine/pass/commit-pacer.ts'
import { D1Timeout } from '../../../src/engine/patience.ts'
import { DEFAULT_RETRY, retryWaitMs } from '../../../src/engine/policies/retry-policy.ts'
import { StatementBudget } from '../../../src/engine/store/d1/metered-database.ts'
import {
  d1Verdict,
  isD1OutOfReach,
  isD1Spent,
  markD1,
} from '../../../src/engine/store/d1/verdict.ts'

describe('the commit policy', () => {
  const few = { characters: 0, statements: 2 }

  it('commits after as many items as asked', () => {
    const pacer = new CommitPacer({ everyItems: 3, everyMs: 10_000 }, 0)
    expect([1, 2, 3].map((items) => pacer.due(items, few, 0))).toEqual([false, false, true])
  })

  it('M65 commits after as much time as asked, however few items there are', () => {
    const pacer = new CommitPacer({ everyItems: 100, everyMs: 200 }, 0)
    expect([199, 200].map((now) => pacer.due(1, few, now))).toEqual([false, true])
  })

  it('grows by itself while commits are quick, and shrinks when they are slow', () => {
    const pacer = new CommitPacer({}, 0)
    expect(pacer.due(50, few, 0)).toBe(true)
    pacer.committed(50, 0, 4)
    expect(pacer.due(99, few, 4)).toBe(false)
    expect(pacer.due(100, few, 4)).toBe(true)
    for (let commit = 0; commit < 20; commit++) pacer.committed(1_000, 0, 4)
    expect(pacer.due(499, few, 4)).toBe(false)
    expect(pacer.due(500, few, 4)).toBe(true)
    for (let commit = 0; commit < 20; commit++) pacer.committed(1_000, 0, 4_000)
    expect(pacer.due(1, few, 4_000)).toBe(true)
  })

  it('commits early when the effects get large', () => {
    const pacer = new CommitPacer({ everyItems: 1_000 }, 0)
    expect(pacer.due(1, { characters: 1_000_000, statements: 2 }, 0)).toBe(true)
  })
})

describe('the commit policy, far from its database', () => {
  const none = { characters: 0, statements: 2 }

  /** Items per second, and the sizes of commits, where a commit takes a round trip and so much per item. */
  function walked(policy: object, wayMs: (commit: number) => number, perItemMs = 0.036) {
    let now = 0
    const pacer = new CommitPacer(policy, now)
    const sizes: number[] = []
    let pending = 0
    for (let item = 0; item < 50_000; item++) {
      now += 0.01
      if (!pacer.due(++pending, none, now)) continue
      const startedAt = now
      now += wayMs(sizes.length) + pending * perItemMs
      pacer.committed(pending, startedAt, now)
      sizes.push(pending)
      pending = 0
    }
    return { perSecond: 50_000 / (now / 1_000), sizes }
  }

  it.each([0, 5, 30, 60, 100])(
    'is by itself nearly as quick as with a good size, %i ms away, and never down to one item',
    (wayMs) => {
      const byItself = walked({}, () => wayMs)
      const good = walked({ everyItems: 500 }, () => wayMs)
      expect(byItself.perSecond).toBeGreaterThan(0.7 * good.perSecond)
      expect(Math.min(...byItself.sizes)).toBeGreaterThanOrEqual(50)
    },
  )

  it('learns when the way gets longer, or shorter, in mid-run', () => {
    const longer = walked({}, (commit) => (commit < 10 ? 2 : 60))
    expect(longer.sizes.slice(-20).every((size) => size >= 250)).toBe(true)
    const shorter = walked({}, (commit) => (commit < 10 ? 60 : 2))
    expect(shorter.sizes.slice(-20).every((size) => size >= 250)).toBe(true)
  })

  it('still makes commits smaller whose items are what takes long', () => {
    const { sizes } = walked({ everyMs: 60_000 }, () => 30, 20)
    expect(Math.max(...sizes.slice(-50))).toBeLessThanOrEqual(60)
  })
})

describe('the commit policy, again', () => {
  it('commits early when there are many statements: an invocation has 1,000 in all', () => {
    const pacer = new CommitPacer({ everyItems: 1_200 }, 0)
    expect(pacer.due(1, { characters: 0, statements: 99 }, 0)).toBe(false)
    expect(pacer.due(1, { characters: 0, statements: 100 }, 0)).toBe(true)
  })
})

describe('a budget', () => {
  const budget = (limits: object, shared = new StatementBudget(1_000), own = { statements: 0 }) =>
    new Budget(limits, shared, own, 0)

  it('is exhausted by time, items, bytes or statements, whichever comes first', () => {
    expect(budget({ wallMs: 100 }).exhausted(99)).toBe(false)
    expect(budget({ wallMs: 100 }).exhausted(100)).toBe(true)
    const items = budget({ items: 2 })
    items.items = 2
    expect(items.exhausted(0)).toBe(true)
    const bytes = budget({ bytes: 10 })
    bytes.bytes = 10
    expect(bytes.exhausted(0)).toBe(true)
  })

  it('shares the statements of an invocation, and keeps some back for the end', () => {
    const shared = new StatementBudget(1_000)
    const own = { statements: 0 }
    const first = budget({ statements: 450 }, shared, own)
    const second = budget({ statements: 450 }, shared)
    // What its neighbours use is not charged to a slice's own share.
    own.statements = 449
    shared.used = 800
    expect([first.exhausted(0), second.exhausted(0)]).toEqual([false, false])
    own.statements = 450
    expect([first.exhausted(0), second.exhausted(0)]).toEqual([true, false])
    shared.used = 860
    expect([first.exhausted(0), second.exhausted(0)]).toEqual([true, true])
  })
})

describe('A11 a budget, asked before a commit is sent', () => {
  const shared = new StatementBudget(1_000)
  const own = { statements: 0 }
  const budget = new Budget({ statements: 85 }, shared, own, 0)

  it('keeps what the invocation has no room for, unless no invocation has', () => {
    shared.used = 900
    expect([95, 96].map((effects) => budget.maySend(effects, false))).toEqual([true, false])
    own.statements = 900
    // This slice alone has used them: D1 is to say so, unless the slice has got somewhere.
    expect([budget.maySend(96, false), budget.maySend(96, true)]).toEqual([true, false])
  })

  it('makes a commit due that fills the share of its slice', () => {
    own.statements = 10
    expect([69, 70].map((effects) => budget.isFilledBy(effects))).toEqual([false, true])
  })
})

describe('retry waits', () => {
  it('double with each failure in a row, up to a cap, with up to a quarter off', () => {
    const waits = [1, 2, 3, 20].map((attempt) => retryWaitMs(DEFAULT_RETRY, attempt, () => 0))
    expect(waits).toEqual([1_000, 2_000, 4_000, 300_000])
    expect(retryWaitMs(DEFAULT_RETRY, 1, () => 1)).toBe(750)
  })
})

describe('a duration', () => {
  it.each([
    [1_500, 1_500],
    ['10s', 10_000],
    ['250 ms', 250],
    ['5 minutes', 300_000],
    ['1 hour', 3_600_000],
    ['1.5h', 5_400_000],
    ['2 days', 172_800_000],
    ['400 days', 34_560_000_000],
    ['2 weeks', 1_209_600_000],
    ['3 years', 94_608_000_000],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms)
  })

  it.each(['soon', '10', '-1s', '5 parsecs', '11 years', -1, Number.NaN])(
    '%s is refused',
    (text) => {
      expect(() => durationMs(text)).toThrow(expect.objectContaining({ code: 'invalid_options' }))
    },
  )
})

describe('an error of D1', () => {
  it.each([
    [
      'D1_ERROR: CHECK constraint failed: commit_guard: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_CHECK)',
      'guard',
    ],
    ['D1_ERROR: UNIQUE constraint failed: orders.number: SQLITE_CONSTRAINT', 'refused'],
    ['D1_ERROR: no such table: nowhere: SQLITE_ERROR', 'refused'],
    ["D1_TYPE_ERROR: Type 'undefined' not supported", 'refused'],
    ['Error: Too many API requests by single Worker invocation.', 'spent'],
    ['D1_ERROR: Wrong number of parameter bindings for SQL query.', 'refused'],
    ['D1_ERROR: not authorized: SQLITE_AUTH', 'refused'],
    ["D1_ERROR: Your account has exceeded D1's free tier daily row write limit", 'spent'],
    ['D1_ERROR: Network connection lost.', 'unknown'],
    [
      'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
      'unknown',
    ],
    ['D1_ERROR: D1 DB is overloaded. Requests queued for too long.', 'unknown'],
    ['internal error; reference = 5kccdr8aeij608dd7jcse9tu', 'unknown'],
    ['D1_ERROR: Exceeded maximum DB size: SQLITE_FULL', 'unknown'],
    ['something nobody has seen yet', 'unknown'],
  ] as const)('%s: %s', (message, verdict) => {
    expect(d1Verdict(new Error(message))).toBe(verdict)
  })

  it.each([
    'D1_ERROR: truck 7 is overloaded: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_TRIGGER)',
    'D1_ERROR: D1 DB is overloaded. Requests queued for too long.: SQLITE_CONSTRAINT',
    'D1_ERROR: Too many API requests by single Worker invocation.: SQLITE_CONSTRAINT',
    'D1_ERROR: CHECK constraint failed: commit_guard: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_TRIGGER)',
    'D1_ERROR: no commit_guard at\nthe gate: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_TRIGGER)',
    "D1_TYPE_ERROR: Type 'object' not supported for value 'Too many API requests by single Worker invocation'",
  ])('F17 is refused, whatever text of the user is in it: %s', (message) => {
    expect(d1Verdict(new Error(message))).toBe('refused')
    expect(isD1OutOfReach(new Error(message))).toBe(false)
    expect(isD1Spent(markD1(new Error(message)))).toBe(false)
  })

  it.each([
    'D1 DB is overloaded. Requests queued for too long.',
    'Too many API requests by single Worker invocation.',
    'storage operation exceeded timeout which caused object to be reset',
    'partner said: D1_ERROR: Network connection lost.',
    "You have exceeded D1's free tier",
  ])('F17 is not what anybody else says: %s', (message) => {
    expect(isD1OutOfReach(new Error(message))).toBe(false)
    expect(isD1Spent(new Error(message))).toBe(false)
  })

  it('F17 is known by its way through the binding, also with another error around it', () => {
    const lost = markD1(new Error('Network connection lost.')) as Error
    expect(isD1OutOfReach(lost)).toBe(true)
    expect(isD1OutOfReach(new Error('Failed query: select 1', { cause: lost }))).toBe(true)
    const spent = markD1(new Error('Too many API requests by single Worker invocation.')) as Error
    expect(isD1Spent(new Error('cannot load', { cause: spent }))).toBe(true)
    expect(isD1OutOfReach(new D1Timeout('D1 gave no answer within 1 ms'))).toBe(true)
  })

  it('F17 is nothing that throws when it is looked at', () => {
    const spike: object = new Proxy(new Error('x'), {
      get: () => {
        throw spike
      },
    })
    expect(isD1OutOfReach(spike)).toBe(false)
    expect(isD1Spent(spike)).toBe(false)
  })

  it('is told from an error of user code', () => {
    expect(isD1OutOfReach(new Error('D1_ERROR: Network connection lost.'))).toBe(true)
    expect(isD1OutOfReach(new Error('Network connection lost.'))).toBe(false)
    for (const full of ['Exceeded maximum DB size', 'database or disk is full: SQLITE_FULL'])
      expect(isD1OutOfReach(new Error(`D1_ERROR: ${full}`))).toBe(true)
    expect(isD1OutOfReach(new Error('D1_ERROR: no such table: x: SQLITE_ERROR'))).toBe(false)
  })
})
