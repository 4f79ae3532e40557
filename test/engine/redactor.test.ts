import { describe, expect, it } from 'vitest'
import { serializeError } from '../../src/engine/errors.ts'
import { MASK, redactorFor } from '../../src/engine/redactor.ts'
import { redactor } from '../../src/engine/sensitive.ts'

const SECRET = 'sk_live_"0123456789"\\_ÄBCDEFGHIJ+/ KLMNOP'
const redact = redactorFor([SECRET])

/** What must not be left of it. */
const PART = /sk_live|0123456789|BCDEFGHIJ|KLMNOP/

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

describe('S1 a sensitive value is masked in a text', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ apiKey: SECRET })],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify({ apiKey: SECRET }) })],
    ['in JSON that is ASCII', JSON.stringify(SECRET).replaceAll('Ä', String.raw`\u00c4`)],
    ['in a URL', `https://api/?key=${encodeURIComponent(SECRET)}`],
    [
      'in a URL with small escapes',
      encodeURIComponent(SECRET).replaceAll(/%../g, (e) => e.toLowerCase()),
    ],
    ['in a URL, loosely', encodeURI(`https://api/?key=${SECRET}`)],
    ['in a form', new URLSearchParams({ key: SECRET }).toString()],
    ['in a URL within a URL', encodeURIComponent(`https://api/?key=${encodeURIComponent(SECRET)}`)],
    ['in HTML', `<p title="${SECRET.replaceAll('"', '&quot;')}">`],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['in hex, in capitals', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['more than once', `${SECRET} and ${SECRET}`],
    ['cut, at the end', `x${SECRET.slice(0, 15)}`],
    ['cut, before the end of a line', `${SECRET.slice(0, 9)}\n    at x`],
    ['cut, with a mark', JSON.stringify(`${SECRET.slice(0, 9)}…`)],
    ['cut, in the middle', `${SECRET.slice(0, 14)} was refused`],
  ])('%s', (_what, text) => {
    expect(redact(text)).toContain(MASK)
    expect(redact(text)).not.toMatch(PART)
  })

  it.each(['', ':', 'user:', 'ab'])('in Base64, after %j and before more', (before) => {
    const whole = base64(`${before}${SECRET}:more`)
    const shown = redact(`Authorization: Basic ${whole}`)
    expect(shown).toContain(MASK)
    // The letters at its ends hold bits of its neighbours.
    expect(shown.length).toBeLessThan(`Authorization: Basic ${MASK}`.length + 22)
  })

  it('line by line, as a key in PEM is repeated', () => {
    const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n'
    expect(redactorFor([pem])('line 2 (AQEFAASCBKcwggSjAgEAAoIB) is bad')).toBe(
      `line 2 (${MASK}) is bad`,
    )
  })

  it('which is a number, and no part of a longer one', () => {
    const masked = redactorFor([123_456, 9_007_199_254_740_993n, new Date(0)])
    expect(masked('pin 123456, order 91234567, 123456.5, 1123456')).toBe(
      `pin ${MASK}, order 91234567, 123456.5, 1123456`,
    )
    expect(masked('9007199254740993 at 1970-01-01T00:00:00.000Z')).toBe(`${MASK} at ${MASK}`)
  })
})

it.each(['sk_live_ABCDEFGHIJ', '{"key":"0123456789ABCDEFGHIJ","x":y,"secret":"KLMNOPQRSTUVWXYZ"}'])(
  'S1 what the runtime shows of a sensitive text that is no JSON is masked: %s',
  (secret) => {
    const problem = (() => {
      try {
        return String(JSON.parse(secret))
      } catch (error) {
        return String(error)
      }
    })()
    expect(problem).toMatch(/sk_live|GHIJ/)
    expect(redactorFor([secret])(problem)).not.toMatch(/sk_live|GHIJ|secret/)
    expect(redactorFor([secret])(problem)).toContain(MASK)
  },
)

it('S1 a sensitive date is masked however code writes it', () => {
  const born = new Date('1990-03-04T05:06:07.000Z')
  const masked = redactorFor([born])
  expect(
    masked(`${String(born)}; ${born.toUTCString()}; ${JSON.stringify(born)}; ${born.getTime()}`),
  ).toBe(`${MASK}; ${MASK}; "${MASK}"; ${MASK}`)
  expect(masked('born on 1990-03-04, they say')).toBe(`born on ${MASK}, they say`)
  expect(redactorFor([new Date(NaN)])('Invalid Date')).toBe('Invalid Date')
})

it('S1 what is too short to be sought is not sought in another form either', () => {
  expect(redactorFor(['Ä', 'ab'])('%C3%84 6162 \\u00c4')).toBe('%C3%84 6162 \\u00c4')
})

describe('S1 a sensitive value is masked in data', () => {
  it('at any depth, in keys, and as a number where numbers are somebody’s', () => {
    const masked = redactorFor(['hunter2', 123_456])
    expect(
      masked({
        cursor: { hunter2: [123_456, 'hunter2'], status: 'hunter2' },
        durationMs: 123_456,
        step: 'login hunter2',
      }),
    ).toEqual({
      cursor: { [MASK]: [MASK, MASK], status: MASK },
      durationMs: 123_456,
      step: `login ${MASK}`,
    })
  })

  it('also as a number of the digits that a text has, or the reverse', () => {
    expect(redactorFor(['12345678'])({ cursor: 12_345_678, durationMs: 12_345_678 })).toEqual({
      cursor: MASK,
      durationMs: 12_345_678,
    })
    expect(redactorFor([12_345_678])({ cursor: ['12345678'] })).toEqual({ cursor: [MASK] })
  })

  it('and the engine’s own words stay, whatever somebody takes for a secret', () => {
    const masked = redactorFor(['completed', 'process-orders'])
    expect(
      masked({ status: 'completed', job: 'process-orders', error: { message: 'not completed' } }),
    ).toEqual({
      status: 'completed',
      job: 'process-orders',
      error: { message: `not ${MASK}` },
    })
  })
})

describe('S1 an error is redacted before it is cut', () => {
  it('in its name, code, message, stack, causes and reasons', () => {
    const cause = Object.assign(new Error(`${'y'.repeat(1_990)}${SECRET}`), { code: SECRET })
    const reasons = [new Error(`${'z'.repeat(480)}${SECRET}`), SECRET]
    const error = new AggregateError(reasons, `${'x'.repeat(1_975)}${SECRET}`, { cause })
    error.name = `Refused ${SECRET}`
    error.stack = `${'s'.repeat(7_990)}${SECRET}`
    const text = JSON.stringify(serializeError(error, redact))
    expect(text).not.toMatch(PART)
    expect(text).not.toContain('sk_')
  })

  it('and so is a thrown object that is none', () => {
    const masked = redactor({ apiKey: SECRET }, ['apiKey'])
    const thrown = { apiKey: SECRET, filler: 'f'.repeat(450) }
    const text = JSON.stringify(
      serializeError(new Error(`Thrown: ${JSON.stringify(thrown).slice(0, 30)}`), masked),
    )
    expect(text).not.toMatch(PART)
  })
})
