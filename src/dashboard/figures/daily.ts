import type { ErrorGroupDetails } from '../state/api.ts'

const DAY_MS = 86_400_000
const DAYS = 30

/** Occurrences by the day (of UTC), the oldest first: the last 30. */
export function dailyOf(trend: ErrorGroupDetails['trend'], now: number): number[] {
  const days = new Map<string, number>()
  for (const { at, occurrences } of trend) {
    const day = at.slice(0, 10)
    days.set(day, (days.get(day) ?? 0) + occurrences)
  }
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(now - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10)
    return days.get(day) ?? 0
  })
}
