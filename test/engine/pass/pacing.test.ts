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

const few = { characters: 0, statements: 2 }

describe('the commit policy', () => {
  it('commits after as many items as asked', () => {
    const pacer = new CommitPacer({ everyItems: 3, everyMs: 10_000 }, 0)
    expect([1, 2, 3].map((items) => pacer.fills(items, few, 0))).toEqual([false, false, true])
  })

  it('M65 commits after as much time as asked, however few items there are', () => {
    const pacer = new CommitPacer({ everyItems: 100, everyMs: 200 }, 0)
    expect([199, 200].map((now) => pacer.fills(1, few, now))).toEqual([false, true])
  })

  it('lets no more work be at stake than that while a commit is under way', () => {
    const pacer = new CommitPacer({ everyMs: 200 }, 0)
    pacer.sent(150, 150)
    expect([199, 200].map((now) => pacer.mustWait(now))).toEqual([false, true])
    pacer.committed(10, 230)
    pacer.waited(30)
    // Gathered since 150, but for the 30 ms of waiting.
    expect([pacer.mustWait(300), pacer.fills(1, few, 379), pacer.fills(1, few, 380)]).toEqual([
      false,
      false,
      true,
    ])
  })

  it('does not overlap where every item is to be durable before the next begins', () => {
    expect([1, 2, undefined].map((everyItems) => overlaps(everyItems))).toEqual([false, true, true])
    expect(new CommitPacer({ everyMs: 0 }, 0).overlaps).toBe(false)
  })

  it('commits early when the effects get large', () => {
    const pacer = new CommitPacer({ everyItems: 1_000 }, 0)
    expect(pacer.fills(1, { characters: 1_000_000, statements: 2 }, 0)).toBe(true)
  })

  it('commits early when there are many statements: an invocation has 1,000 in all', () => {
    const pacer = new CommitPacer({ everyItems: 1_200 }, 0)
    expect(pacer.fills(1, { characters: 0, statements: 99 }, 0)).toBe(false)
    expect(pacer.fills(1, { characters: 0, statements: 100 }, 0)).toBe(true)
  })

  it('has fewer items in a commit after one was refused, and twice as many after each that is not', () => {
    const pacer = new CommitPacer({}, 0, 4)
    const sizes = [pacer.size]
    for (let commit = 0; commit < 3; commit++) {
      pacer.sent(0, 0)
      pacer.committed(pacer.size, 2)
      sizes.push(pacer.size)
    }
    expect(sizes).toEqual([4, 8, 16, 32])
  })
})

function overlaps(everyItems: number | undefined): boolean {
  return new CommitPacer(everyItems === undefined ? {} : { everyItems }, 0).overlaps
}

describe('the commit policy at any distance from the database', () => {
  interface Conditions {
    policy?: object
    /** The way there and back. */
    wayMs: (commit: number) => number
    /** What D1 needs for each item more. */
    perItemMs?: number
    /** What the job needs for an item. */
    workMs?: number
    items?: number
    /** The clock stands still while the job works, as in production. */
    frozen?: boolean
  }

  /** Walks items as a slice does: worked on while the commit before is under way. */
  function walked({
    policy = {},
    wayMs,
    perItemMs = 0.007,
    workMs = 0.01,
    items = 200_000,
    frozen = false,
  }: Conditions) {
    let now = 0
    let seen = 0
    const pacer = new CommitPacer(policy, seen)
    const sizes: number[] = []
    let pending = 0
    let answerAt: number | undefined
    let underWay = 0
    const answered = () => {
      now = Math.max(now, answerAt ?? 0)
      seen = now
      pacer.committed(underWay, seen)
      answerAt = undefined
    }
    for (let item = 0; item < items; item++) {
      now += workMs
      if (!frozen) seen = now
      pending += 1
      if (answerAt !== undefined && now >= answerAt) answered()
      if (!pacer.fills(pending, few, seen)) continue
      const takenAt = seen
      if (answerAt !== undefined) answered()
      pacer.sent(takenAt, seen)
      answerAt = now + wayMs(sizes.length) + pending * perItemMs
      sizes.push(pending)
      underWay = pending
      pending = 0
    }
    return { perSecond: items / (now / 1_000), sizes, pacer }
  }

  it.each([0.5, 5, 30, 60, 120])('is nearly as quick as the best fixed size, %d ms away', (way) => {
    for (const frozen of [false, true]) {
      const byItself = walked({ wayMs: () => way, frozen })
      const fixed = [1, 10, 100, 500, 1_000, 2_000, 5_000].map(
        (everyItems) =>
          walked({ wayMs: () => way, policy: { everyItems }, items: 50_000 }).perSecond,
      )
      expect(byItself.perSecond).toBeGreaterThan(0.9 * Math.max(...fixed))
    }
  })

  it('is, too, when the way is longer at some times than at others', () => {
    let seed = 7
    const jitter = () => {
      seed = (seed * 16_807) % 2_147_483_647
      return 0.7 + (0.6 * seed) / 2_147_483_647
    }
    const byItself = walked({ wayMs: () => 60 * jitter() })
    const fixed = walked({ wayMs: () => 60 * jitter(), policy: { everyItems: 5_000 } })
    expect(byItself.perSecond).toBeGreaterThan(0.9 * fixed.perSecond)
    // Once it has grown, it stays.
    expect(Math.min(...byItself.sizes.slice(12, -1))).toBeGreaterThanOrEqual(2_500)
  })

  it('learns within some commits when the way gets longer in mid-run', () => {
    const { sizes } = walked({
      perItemMs: 0.04,
      items: 600_000,
      wayMs: (commit) => (commit < 20 ? 1 : 60),
    })
    expect(sizes[19]).toBeLessThanOrEqual(4_000)
    expect(sizes.slice(30, -1).every((size) => size >= 5_000)).toBe(true)
  })

  it('loses nothing when the way gets shorter in mid-run: larger commits than are needed are as quick', () => {
    const wayMs = (commit: number) => (commit < 10 ? 60 : 1)
    const { perSecond, sizes } = walked({ wayMs, items: 600_000 })
    const near = walked({ wayMs: () => 1, items: 600_000 }).perSecond
    expect(perSecond).toBeGreaterThan(0.9 * near)
    expect(new Set(sizes.slice(10, -1)).size).toBe(1)
  })

  it('has smaller commits once items take longer: a crash is to repeat no more', () => {
    let commits = 0
    const perItem = () => (commits++ < 20 ? 0.01 : 1)
    const pacer = new CommitPacer({}, 0)
    for (let now = 0, commit = 0; commit < 60; commit++) {
      pacer.sent(now, now)
      now += 5 + pacer.size * perItem()
      pacer.committed(pacer.size, now)
    }
    expect(pacer.size).toBeLessThanOrEqual(250)
  })

  it('is not misled by a single stall of the database', () => {
    const { sizes } = walked({ wayMs: (commit) => (commit === 12 ? 3_000 : 30), items: 400_000 })
    expect(Math.min(...sizes.slice(6, -1))).toBeGreaterThanOrEqual(5_000)
  })

  it('has small commits where items take long in the database, or in a job that only computes', () => {
    for (const slow of [{ perItemMs: 20 }, { workMs: 20, frozen: true }]) {
      const { sizes } = walked({ wayMs: () => 30, items: 5_000, ...slow })
      expect(Math.max(...sizes.slice(-50))).toBeLessThanOrEqual(25)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(400)
    }
  })

  it('never has a commit of more than 10,000 items', () => {
    const { sizes } = walked({ wayMs: () => 120, perItemMs: 0, workMs: 0 })
    expect(Math.max(...sizes)).toBe(10_000)
  })

  it('knows the way', () => {
    for (const way of [0, 5, 31, 120]) {
      const { fixedMs } = walked({ wayMs: () => way, frozen: true, workMs: 0 }).pacer.cost
      expect(fixedMs).toBeGreaterThanOrEqual(way * 0.9)
      expect(fixedMs).toBeLessThanOrEqual(way * 1.1 + 1)
    }
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

  it('is known from an error of user code', () => {
    expect(isD1OutOfReach(new Error('D1_ERROR: Network connection lost.'))).toBe(true)
    expect(isD1OutOfReach(new Error('Network connection lost.'))).toBe(false)
    for (const full of ['Exceeded maximum DB size', 'database or disk is full: SQLITE_FULL'])
      expect(isD1OutOfReach(new Error(`D1_ERROR: ${full}`))).toBe(true)
    expect(isD1OutOfReach(new Error('D1_ERROR: no such table: x: SQLITE_ERROR'))).toBe(false)
  })
})
