import { describe, expect, it } from 'vitest'
import {
  clock,
  fieldOf,
  instantOf,
  isLongAgo,
  minute,
  wallTime,
  zoneName,
} from '../../src/dashboard/words/times.ts'

const NOW = Date.UTC(2026, 10, 30, 20, 33, 52, 173)
const time = (changes: number) => new Date(NOW + changes).toISOString()
const DAY_MS = 86_400_000

describe('A time', () => {
  it('has its date when that is not today, and its year when that is another one', () => {
    expect(clock(time(0), 'utc', NOW)).toBe('20:33:52.173')
    expect(clock(time(-DAY_MS), 'utc', NOW)).toBe('29 Nov 20:33:52.173')
    expect(minute(time(0), 'utc', NOW)).toBe('20:33')
    expect(minute(time(-365 * DAY_MS), 'utc', NOW)).toBe('30 Nov 2025 20:33')
  })

  it('is shown by its date once a day has passed', () => {
    expect([isLongAgo(time(-DAY_MS + 1), NOW), isLongAgo(time(-DAY_MS), NOW)]).toEqual([
      false,
      true,
    ])
  })

  it.each(['local', 'utc'] as const)('comes back from a field as it went there: %s', (zone) => {
    const field = wallTime(time(0), zone).slice(0, 16)
    expect(fieldOf(time(0), zone)).toBe(field)
    expect(instantOf(field, zone)).toBe('2026-11-30T20:33:00.000Z')
  })

  it('that is none is empty in a field, and so is what a field has that is none', () => {
    expect(fieldOf('24h', 'utc')).toBe('')
    expect(instantOf('', 'utc')).toBe('')
  })

  it('says by which clock', () => {
    expect(zoneName('utc')).toBe('UTC')
    expect(zoneName('local')).toMatch(/^UTC([+-]\d+(:\d+)?)?$/)
  })
})
