import { describe, expect, it } from 'vitest'
import { retryAfterMs } from '../../src/engine/retry-after.ts'

const asked = (retryAfter: string, date?: string) =>
  retryAfterMs(
    new Response('slow down', {
      status: 429,
      headers: { 'retry-after': retryAfter, ...(date !== undefined && { date }) },
    }),
  )

describe('F05 Retry-After (mastra#23781, data-prepper#6927, denoland/std#7299)', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['2.25', 2_250],
    ['299.997', 299_997],
    ['0.0001', 1],
  ])('%j is no less than so many seconds', (text, ms) => expect(asked(text)).toBe(ms))

  it.each(['999999999', '9'.repeat(400), 'Wed, 21 Oct 2099 07:28:00 GMT'])(
    '%s is a day at most',
    (text) => expect(asked(text)).toBe(86_400_000),
  )

  it.each([
    '',
    '-1',
    '+5',
    '3600;',
    '10s',
    '1e3',
    '.5',
    '5, 10',
    'soon',
    '1/2/3',
    '2026-11-29',
    'Nov 29 2026',
    'Wed, 99 Oct 2099 07:28:00 GMT',
    '12:30',
  ])('%j is neither seconds nor a date', (text) => expect(asked(text)).toBeUndefined())

  it.each([
    'Sun, 06 Nov 1994 08:50:07 GMT',
    'Sunday, 06-Nov-94 08:50:07 GMT',
    'Sun Nov  6 08:50:07 1994',
    '1994-11-06T08:50:07Z',
    '1994-11-06T09:50:07.000+01:00',
  ])('%s is a date, which the clock of the server measures', (text) =>
    expect(asked(text, 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(30_000),
  )

  it('a date of the past asks for nothing, and a server without a readable clock is measured by ours', () => {
    expect(asked('Sun, 06 Nov 1994 08:49:30 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(0)
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString()
    expect(asked(inAnHour, '1.5')).toBeGreaterThan(3_500_000)
  })
})
