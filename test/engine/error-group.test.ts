import { describe, expect, it } from 'vitest'
import { grouped } from '../../src/engine/error-group.ts'
import type { RunError } from '../../src/engine/errors.ts'

const groupOf = (error: Partial<RunError>, job = 'sync') =>
  grouped(job, { name: 'Error', message: 'no luck', ...error }).group

const of = (message: string) => groupOf({ message })

/** As V8 writes it. */
const stack = (...frames: string[]) =>
  ['Error: no luck', ...frames.map((frame) => `    at ${frame}`)].join('\n')

describe('messages that share a group', () => {
  it.each([
    ['product 317: price is null', 'product 42: price is null', 'product <n>: price is null'],
    ['total 1,234.56 of 99', 'total 7 of 1.5', 'total <n> of <n>'],
    ['order ORD-2024-000317', 'order ORD-1999-1', 'order ORD-<n>-<n>'],
    ['no customer cus_NffrFeUfNV2Hib', 'no customer cus_9sYkAmZq1XbTde', 'no customer <id>'],
    [
      'run 0f3a9c11b2d34e55a6b7c8d9e0f1a2b3 is gone',
      'run 550e8400-e29b-41d4-a716-446655440000 is gone',
      'run <id> is gone',
    ],
    ["item 'V1StGXR8_Z5jdHi6B-myT'", "item 'ab12cd_9'", "item '<id>'"],
    ['due 2026-11-29T05:29:32.584Z', 'due 2027-01-01', 'due <time>'],
    [
      'mail to ada@example.com bounced',
      'mail to g.b+x@mail.example bounced',
      'mail to <email> bounced',
    ],
    ['took 12345ms', 'took 9ms', 'took <n>ms'],
    ['a\n  b', 'a b', 'a b'],
  ])('%j and %j', (one, other, template) => {
    expect(of(one)).toEqual(of(other))
    expect(of(one)).toEqual({ id: expect.stringMatching(/^[0-9a-f]{16}$/), template })
  })

  it('however long the data behind them are', () => {
    const long = `the answer is no JSON: ${'<html lang="en">'.repeat(100)}`
    expect(of(long)?.template).toHaveLength(300)
    expect(of(`${long}x`)).toEqual(of(`${long}y`))
  })
})

describe('errors that are in groups of their own', () => {
  const ids = (errors: (Partial<RunError> & { job?: string })[]) =>
    errors.map(({ job, ...error }) => groupOf(error, job)?.id)

  it('differ by job, name, code, message or function', () => {
    const found = ids([
      {},
      { job: 'import' },
      { name: 'TypeError' },
      { code: 'page_failed' },
      { message: 'bad luck' },
      { stack: stack('load (index.js:10:5)') },
      { stack: stack('save (index.js:20:5)') },
    ])
    expect(new Set(found).size).toBe(found.length)
  })

  it.each([
    ['HTTP 404', 'HTTP 500'],
    ['the partner said status 404', 'the partner said status 503'],
    ["no column 'price'", "no column 'total'"],
    ['no such table: orders_a', 'no such table: orders_b'],
  ])('%s and %s', (one, other) => {
    expect(of(one)?.id).not.toBe(of(other)?.id)
  })

  it('keep the names that have digits', () => {
    const message = 'D1_ERROR: UNIQUE constraint failed: orders.id: SQLITE_CONSTRAINT'
    expect(of(message)?.template).toBe(message)
    expect(of('sha256 of the R2 object')?.template).toBe('sha256 of the R2 object')
  })
})

describe('the function that threw', () => {
  it("is the first that is not the platform's nor a package's, whatever its line is in this deploy", () => {
    const thrown = (line: number) =>
      groupOf({
        stack: stack(
          'D1Database._send (cloudflare-internal:d1-api:12:3)',
          'Array.map (<anonymous>)',
          'query (file:///app/node_modules/pg/lib/client.js:1:2)',
          `async Object.loadPrices${line} (index.js:${line}:5)`,
          'async eachIteration (index.js:1:1)',
        ),
      })
    expect(thrown(10)?.frame).toBe('loadPrices10 (index.js:10:5)')
    expect(thrown(10)?.id).toBe(thrown(999)?.id)
  })

  it('may have no name', () => {
    expect(groupOf({ stack: stack('index.js:10:5') })?.frame).toBe('index.js:10:5')
  })

  it("is left out when D1 refused a statement of a commit, and when Dogear's own checks threw", () => {
    const frames = stack('commit (index.js:10:5)')
    expect(groupOf({ stack: frames, statement: 'INSERT' })).not.toHaveProperty('frame')
    expect(groupOf({ stack: frames, name: 'InvalidStepError' })).not.toHaveProperty('frame')
    expect(groupOf({ stack: frames })).toHaveProperty('frame')
  })
})

describe('an error that ends many tries', () => {
  it('is in the group of the last one', () => {
    const last = { name: 'TypeError', message: 'product 5: no price' }
    const end = groupOf({
      name: 'DogearError',
      code: 'errors_exhausted',
      message: 'The run has failed 5 times in all',
      cause: last,
    })
    expect(end).toEqual(groupOf(last))
  })

  it('has a group of its own when there is none', () => {
    const error = { name: 'DogearError', code: 'attempts_exhausted', message: '3 slices vanished' }
    expect(groupOf(error)?.template).toBe('<n> slices vanished')
  })
})

describe('what somebody else has written', () => {
  it.each([
    ['one long word', 'a'.repeat(2_000)],
    ['dashes', '-'.repeat(2_000)],
    ['what could be addresses', 'a@'.repeat(1_000)],
    ['letters and digits', 'a1'.repeat(1_000)],
    ['frames', '    at ('.repeat(250)],
  ])('costs no time: %s', (_what, message) => {
    const before = performance.now()
    for (let times = 0; times < 5; times++) groupOf({ message, stack: `${message}\n${message}` })
    expect(performance.now() - before).toBeLessThan(1_000)
  })
})
