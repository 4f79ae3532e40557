import { isoTime } from '../engine/iso-time.ts'
import type { Schedule } from './schedule.ts'

/** After a long silence no more than so many missed ticks are noted, the newest of them. */
const AT_MOST = 20

/** The ticks after one and before another, for which nobody called the schedule; ISO 8601, the newest first. */
export function missedTicks(schedule: Schedule, after: string, before: string): string[] {
  const missed: string[] = []
  let time = Date.parse(before)
  while (missed.length < AT_MOST) {
    time = schedule.latest(time - 1)
    const tick = isoTime(time)
    if (tick <= after) break
    missed.push(tick)
  }
  return missed
}
