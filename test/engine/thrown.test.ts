import { describe, expect, it } from 'vitest'
import { ensureError, serializeError } from '../../src/engine/errors.ts'
import { describeValue, errorName, textOf } from '../../src/engine/thrown.ts'

/** Throws itself at whoever looks at it. */
function spiky(): unknown {
  const refuse = (): never => {
    throw spike
  }
  const spike: unknown = new Proxy(() => undefined, {
    getPrototypeOf: refuse,
    get: refuse,
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
  })
  return spike
}

/** An error of which one part throws. */
const withMean = (name: string): Error =>
  Object.defineProperty(new Error('the real problem'), name, {
    get() {
      throw new Error('no')
    },
  })

const shown = (thrown: unknown) => serializeError(ensureError(thrown))

describe('H20 H21 F06 whatever is thrown can be shown', () => {
  it.each([
    ['a value that throws itself', spiky()],
    ['an array of such', [spiky()]],
    ['an error caused by one', new Error('outer', { cause: spiky() })],
    ['an error with a proxy around it', new Proxy(new Error('x'), { get: () => spiky() })],
    ['an AggregateError of one', new AggregateError([spiky()], 'all failed')],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('s')],
    ['nothing', undefined],
  ])('%s', (_what, thrown) => {
    expect(typeof shown(thrown).message).toBe('string')
    expect(() => JSON.stringify(shown(thrown))).not.toThrow()
    expect(typeof textOf(thrown) + typeof describeValue(thrown)).toBe('stringstring')
  })

  it.each(['name', 'stack', 'code', 'cause', 'toString', 'constructor'])(
    'an error whose %s throws still says its message',
    (name) => {
      expect(shown(withMean(name)).message).toContain('the real problem')
    },
  )

  it('an error whose message throws says that it does', () => {
    expect(shown(withMean('message')).message).toContain('throws when it is looked at')
  })
})

describe('F23 what is known of an error is kept', () => {
  it('the reasons of an AggregateError', () => {
    const reasons = [new Error('reason one'), new TypeError('reason two'), 'reason three']
    expect(shown(new AggregateError(reasons, 'All promises were rejected')).message).toBe(
      'All promises were rejected: Error: reason one; TypeError: reason two; Error: Thrown: "reason three"',
    )
  })

  it('how many more there are than are shown', () => {
    const reasons = Array.from({ length: 12 }, (_, index) => new Error(`reason ${index}`))
    expect(shown(new AggregateError(reasons, 'many')).message).toMatch(/reason 9 and 2 more$/)
  })

  it('the reasons of its reasons', () => {
    const inner = new AggregateError([new Error('the real problem')], 'no mirror answered')
    expect(shown(new AggregateError([inner], 'all failed')).message).toBe(
      'all failed: AggregateError: no mirror answered: Error: the real problem',
    )
    const round = new AggregateError([], 'round')
    round.errors.push(round)
    expect(shown(round).message).toMatch(/^round: (AggregateError: round(: )?){3}$/)
  })

  it('the error that another one has hidden while something was disposed of', () => {
    const thrown = Object.assign(new Error('An error was suppressed'), {
      name: 'SuppressedError',
      error: new Error('cannot close'),
      suppressed: new Error('the real problem'),
    })
    expect(shown(thrown).message).toContain('Error: cannot close; Error: the real problem')
  })

  it('a code that is a number, unless it is one of the platform’s own', () => {
    expect(shown(Object.assign(new Error('unavailable'), { code: 14 })).code).toBe('14')
    expect(shown(new DOMException('gone', 'AbortError'))).not.toHaveProperty('code')
  })

  it('the message, code, name and cause of an object that is no Error', () => {
    const thrown = { code: 'E_QUOTA', name: 'Quota', message: 'used up', cause: new Error('why') }
    expect(shown(thrown)).toMatchObject({
      name: 'Quota',
      code: 'E_QUOTA',
      message: 'used up',
      cause: { message: 'why' },
    })
  })

  it('the contents of an object without a message', () => {
    expect(shown({ status: 422, reason: 'late' }).message).toBe(
      'Thrown: an object {"status":422,"reason":"late"}',
    )
  })

  it('a chain of causes that is a circle, up to a depth', () => {
    const error = new Error('round') as Error & { cause: unknown }
    error.cause = error
    expect(shown(error).cause?.cause?.cause?.message).toBe('round')
    expect(shown(error).cause?.cause?.cause).not.toHaveProperty('cause')
  })
})

describe('the name of an error', () => {
  class SupplierDown extends Error {}
  class LateSupplier extends SupplierDown {}
  class Wrong extends TypeError {}
  class Own extends Error {
    override readonly name: string = 'MyOwn'
  }
  class OwnToo extends Own {}

  it.each([
    [new SupplierDown(), 'SupplierDown'],
    [new LateSupplier(), 'LateSupplier'],
    [new Wrong(), 'Wrong'],
    [new Own(), 'MyOwn'],
    [new OwnToo(), 'MyOwn'],
    [new Error('x'), 'Error'],
    [new RangeError('x'), 'RangeError'],
    [new DOMException('late', 'TimeoutError'), 'TimeoutError'],
    [new (class extends Error {})(), 'Error'],
    [Object.assign(new Error('x'), { name: 'Given' }), 'Given'],
  ])('%s is %s', (error, name) => {
    expect(errorName(error)).toBe(name)
  })
})
