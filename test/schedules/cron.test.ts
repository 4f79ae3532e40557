import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latestTick, nextTick, parseCron } from '../../src/schedules/cron.ts'
import { defineSchedule } from '../../src/schedules/schedule.ts'
import { TimeZone } from '../../src/schedules/time-zone.ts'
import { appendSteps } from '../support/jobs.ts'

const at = (text: string): number => Date.parse(text.length === 16 ? `${text}:00Z` : text)
const iso = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().slice(0, 16)

/** The next ticks after a time. */
function ticks(expression: string, after: string, count: number): (string | undefined)[] {
  const cron = parseCron(expression)
  const found: (string | undefined)[] = []
  for (let time = at(after); found.length < count;) {
    time = nextTick(cron, time) ?? NaN
    found.push(iso(time))
  }
  return found
}

describe('a cron expression', () => {
  // 2026-11-22 is a Sunday.
  it.each([
    ['* * * * *', '2026-11-22T08:10', ['2026-11-22T08:11', '2026-11-22T08:12']],
    ['0 3 * * *', '2026-11-22T03:00', ['2026-11-23T03:00', '2026-11-24T03:00']],
    ['0 3 * * *', '2026-11-22T02:59', ['2026-11-22T03:00', '2026-11-23T03:00']],
    ['*/15 * * * *', '2026-11-22T23:31', ['2026-11-22T23:45', '2026-11-23T00:00']],
    ['5/20 4 * * *', '2026-11-22T00:00', ['2026-11-22T04:05', '2026-11-22T04:25']],
    ['10-30/10 0 * * *', '2026-11-22T00:10', ['2026-11-22T00:20', '2026-11-22T00:30']],
    ['1,2,40-41 9,17 * * *', '2026-11-22T09:02', ['2026-11-22T09:40', '2026-11-22T09:41']],
    ['0 0 1 * *', '2026-11-22T00:00', ['2026-12-01T00:00', '2027-01-01T00:00']],
    ['0 0 31 * *', '2027-01-31T00:00', ['2027-03-31T00:00', '2027-05-31T00:00']],
    ['0 0 1 jan,JUL *', '2026-11-22T00:00', ['2027-01-01T00:00', '2027-07-01T00:00']],
    ['0 0 29 2 *', '2026-11-22T00:00', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['0 9 * * mon-fri', '2026-11-20T09:00', ['2026-11-23T09:00', '2026-11-24T09:00']],
    ['0 9 * * 0', '2026-11-22T08:00', ['2026-11-22T09:00', '2026-11-29T09:00']],
    ['0 9 * * 7', '2026-11-22T08:00', ['2026-11-22T09:00', '2026-11-29T09:00']],
    ['0 9 * * Sun', '2026-11-22T08:00', ['2026-11-22T09:00', '2026-11-29T09:00']],
    ['0 9 * * fri-sun', '2026-11-20T09:00', ['2026-11-21T09:00', '2026-11-22T09:00']],
    ['0 9 * * 5-7', '2026-11-22T09:00', ['2026-11-27T09:00', '2026-11-28T09:00']],
    // Both kinds of day are restricted: the 13th, and each Friday.
    ['0 0 13 * 5', '2026-12-05T00:00', ['2026-12-11T00:00', '2026-12-13T00:00']],
    // One of them begins with a star: a Friday that is odd.
    ['0 0 */2 * 5', '2026-11-22T00:00', ['2026-11-27T00:00', '2026-12-11T00:00']],
  ])('%s ticks next after %s at %j', (expression, after, expected) => {
    expect(ticks(expression, after, expected.length)).toEqual(expected)
  })

  it.each([
    ['0 3 * * *', '2026-11-22T03:00', '2026-11-22T03:00'],
    ['0 3 * * *', '2026-11-22T02:59', '2026-11-21T03:00'],
    ['*/5 * * * *', '2026-11-22T08:13', '2026-11-22T08:10'],
    ['30 6 29 2 *', '2027-01-01T00:00', '2024-02-29T06:30'],
  ])('%s ticked last at %s at %s', (expression, upTo, expected) => {
    expect(iso(latestTick(parseCron(expression), at(upTo)))).toBe(expected)
  })

  it('ticks in whole minutes, whatever the seconds', () => {
    const cron = parseCron('* * * * *')
    expect(iso(nextTick(cron, at('2026-11-22T08:10:00.001Z')))).toBe('2026-11-22T08:11')
    expect(iso(latestTick(cron, at('2026-11-22T08:10:59.999Z')))).toBe('2026-11-22T08:10')
  })

  it('goes back by the same ticks as forth', () => {
    const number = (min: number, max: number) => fc.integer({ min, max }).map(String)
    const field = (min: number, max: number) =>
      fc.oneof(fc.constant('*'), number(min, max), fc.constant('*/3'))
    const expression = fc
      .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7))
      .map((fields) => fields.join(' '))
    fc.assert(
      fc.property(expression, fc.integer({ min: 0, max: 2e12 }), (text, time) => {
        const cron = parseCron(text)
        const next = nextTick(cron, time) ?? NaN
        expect(next).toBeGreaterThan(time)
        expect(latestTick(cron, next)).toBe(next)
        const before = latestTick(cron, next - 1) ?? NaN
        expect(before).toBeLessThanOrEqual(time)
        expect(nextTick(cron, before)).toBe(next)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['', 'it has 0 fields; expected 5'],
    ['* * * *', 'it has 4 fields'],
    ['* * * * * *', 'it has 6 fields'],
    ['60 * * * *', "minute is '60'; expected 0 to 59"],
    ['* 24 * * *', "hour is '24'; expected 0 to 23"],
    ['* * 0 * *', "day of the month is '0'; expected 1 to 31"],
    ['* * * 13 *', "month is '13'; expected 1 to 12, or jan to dec"],
    ['* * * * 8', "day of the week is '8'; expected 0 to 7, or sun to sat"],
    ['* * * foo *', "month is 'foo'"],
    ['*/0 * * * *', 'a step of 0'],
    ['30-10 * * * *', 'goes from 30 down to 10'],
    ['1,,2 * * * *', 'expected *, 5, 1-5, */15, or a list of these'],
    ['-1 * * * *', 'expected *, 5, 1-5'],
    ['@daily', 'it has 1 fields'],
    ['0 0 30 2 *', 'its date never comes'],
  ])("'%s' is refused: %s", (expression, problem) => {
    expect(() => parseCron(expression)).toThrow(
      expect.objectContaining({
        code: 'invalid_schedule',
        message: expect.stringContaining(problem),
      }),
    )
  })
})

describe('a time zone', () => {
  const berlin = new TimeZone('Europe/Berlin')

  it('tells what its clocks show, and when they show it', () => {
    expect(iso(berlin.wallTime(at('2026-07-01T10:00')))).toBe('2026-07-01T12:00')
    expect(iso(berlin.timeOf(at('2026-07-01T12:00')))).toBe('2026-07-01T10:00')
    expect(iso(berlin.wallTime(at('2026-12-31T23:30')))).toBe('2027-01-01T00:30')
    expect(iso(new TimeZone('Asia/Kathmandu').timeOf(at('2026-07-01T05:45')))).toBe(
      '2026-07-01T00:00',
    )
  })

  it('takes the first of two times of one name, and goes on behind a gap', () => {
    expect(iso(berlin.timeOf(at('2026-10-25T02:30')))).toBe('2026-10-25T00:30')
    expect(iso(berlin.timeOf(at('2026-03-29T02:30')))).toBe('2026-03-29T01:30')
  })

  it('that does not exist is refused', () => {
    expect(() => new TimeZone('Europe/Entenhausen')).toThrow(
      expect.objectContaining({ code: 'invalid_schedule' }),
    )
  })
})

describe('a schedule', () => {
  const schedule = (cron: string, timeZone = 'Europe/Berlin') =>
    defineSchedule({ name: 'a', cron, timeZone, job: appendSteps })
  const nextOf = (cron: string, after: string, count: number) => {
    const times: (string | undefined)[] = []
    for (let time = at(after); times.length < count;) {
      time = schedule(cron).next(time)
      times.push(iso(time))
    }
    return times
  }

  it('ticks by the clock of its time zone, in summer and in winter', () => {
    expect(nextOf('0 3 * * *', '2026-10-24T00:00', 2)).toEqual([
      '2026-10-24T01:00',
      '2026-10-25T02:00',
    ])
  })

  it.each([
    ['*/20 * * * *', ['00:00', '00:20', '00:40', '01:00', '01:20', '01:40', '02:00']],
    ['30 * * * *', ['00:30', '01:30', '02:30']],
    ['*/30 2 * * *', ['00:00', '00:30', '01:00', '01:30']],
  ])('%s goes on by real time where the clock is put back', (cron, times) => {
    expect(nextOf(cron, '2026-10-24T23:59', times.length)).toEqual(
      times.map((time) => `2026-10-25T${time}`),
    )
  })

  it.each([
    ['*/20 * * * *', ['00:40', '01:00', '01:20']],
    ['30 * * * *', ['00:30', '01:30']],
  ])('%s goes on by real time where the clock is put forward', (cron, times) => {
    expect(nextOf(cron, '2026-03-29T00:25', times.length)).toEqual(
      times.map((time) => `2026-03-29T${time}`),
    )
  })

  it('at fixed times ticks once in the hour that the clock shows twice', () => {
    expect(nextOf('10,40 1-3 * * *', '2026-10-24T23:20', 5)).toEqual([
      '2026-10-24T23:40',
      '2026-10-25T00:10',
      '2026-10-25T00:40',
      '2026-10-25T02:10',
      '2026-10-25T02:40',
    ])
    expect(iso(schedule('30 2 * * *').latest(at('2026-10-25T01:45')))).toBe('2026-10-25T00:30')
  })

  it('ticks as long after the jump when the clock jumps over its time', () => {
    expect(nextOf('30 2 * * *', '2026-03-28T12:00', 2)).toEqual([
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ])
    expect(iso(schedule('30 2 * * *').latest(at('2026-03-29T01:15')))).toBe('2026-03-28T01:30')
  })

  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T22:00'],
    ['Europe/Berlin', '10,40 1-3 * * *', '2026-03-28T22:00'],
    ['Europe/Berlin', '55 2 * * *', '2026-10-24T22:00'],
    ['Europe/Berlin', '*/20 * * * *', '2026-10-24T22:00'],
    ['America/New_York', '0 */2 * * *', '2026-11-01T02:00'],
    ['America/New_York', '*/5 * * * *', '2026-03-08T04:00'],
    ['Africa/Casablanca', '*/15 * * * *', '2026-02-14T22:00'],
    ['Pacific/Chatham', '*/15 2,3 * * *', '2026-04-04T10:00'],
    ['Australia/Lord_Howe', '*/20 * * * *', '2026-10-03T12:00'],
    ['Australia/Lord_Howe', '15,40 2 * * *', '2026-10-03T12:00'],
    ['Australia/Lord_Howe', '50 1 * * *', '2026-04-04T12:00'],
  ])('in %s misses and repeats no tick of %s around a change of the clock', (zone, cron, from) => {
    const subject = schedule(cron, zone)
    const inZone = new TimeZone(zone)
    const parsed = parseCron(cron)
    const start = at(from)
    const end = start + 8 * 3_600_000
    // Every minute that a wall clock could show, and when it is that.
    const times = new Set<number>()
    for (let wall = start - 86_400_000; wall < end + 86_400_000; wall += 60_000) {
      if (latestTick(parsed, wall) !== wall) continue
      for (const time of parsed.wildcard ? inZone.timesOf(wall) : [inZone.timeOf(wall)]) {
        if (time > start && time <= end) times.add(time)
      }
    }
    const expected = [...times].sort((a, b) => a - b)
    const found: number[] = []
    for (let time = subject.next(start); time <= end; time = subject.next(time)) found.push(time)
    expect(found.map(iso)).toEqual(expected.map(iso))
    for (let now = expected[0] ?? end; now <= end; now += 60_000) {
      expect(iso(subject.latest(now))).toBe(iso(expected.findLast((time) => time <= now)))
    }
  })

  it.each([
    [{ name: 'Bad Name' }, 'lower case letters'],
    [{ cron: 'daily' }, 'it has 1 fields'],
    [{ timeZone: 'Mars' }, "Time zone is 'Mars'"],
    [{ overlap: 'both' }, "expected 'skip', 'queue' or 'allow'"],
    [{ job: undefined }, 'expected what defineJob has made'],
  ])('with %j is refused', (part, problem) => {
    const whole = { name: 'a', cron: '* * * * *', job: appendSteps, ...part }
    expect(() => defineSchedule(whole as never)).toThrow(
      expect.objectContaining({
        code: 'invalid_schedule',
        message: expect.stringContaining(problem),
      }),
    )
  })
})
