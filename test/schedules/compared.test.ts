import { Cron } from 'croner'
import { describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { defineSchedule } from '../../src/schedules/schedule.ts'
import { TimeZone } from '../../src/schedules/time-zone.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const WEEK_MS = 7 * 24 * HOUR_MS
const START = Date.UTC(2024, 0, 1)
const END = Date.UTC(2026, 0, 1)

/** Zones that change by an hour, by half of one and by two, at night and at midnight, around Ramadan, for good, and never. */
const ZONES = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/Asuncion',
  'America/Havana',
  'America/Los_Angeles',
  'America/New_York',
  'America/Nuuk',
  'America/Santiago',
  'America/Scoresbysund',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Jerusalem',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Atlantic/Azores',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Europe/Berlin',
  'Europe/Chisinau',
  'Europe/Dublin',
  'Europe/London',
  'Pacific/Auckland',
  'Pacific/Chatham',
]

const ZONES_CHANGED = ZONES.map((name) => {
  const zone = new TimeZone(name)
  return { name, zone, changes: changesOf(zone) }
})

const job = defineJob({ name: 'compared', perform: () => Promise.resolve() })

/** The changes of a zone's clock: the time of each, within an hour, and how far it is put forward. */
function changesOf(zone: TimeZone): { at: number; byMs: number }[] {
  const offset = (time: number) => zone.wallTime(time) - time
  const changes: { at: number; byMs: number }[] = []
  for (let start = START; start < END; start += WEEK_MS) {
    const byMs = offset(start + WEEK_MS) - offset(start)
    if (byMs === 0) continue
    let [before, at] = [start, start + WEEK_MS]
    while (at - before > HOUR_MS) {
      const middle = (before + at) / 2
      if (offset(middle) === offset(start)) before = middle
      else at = middle
    }
    changes.push({ at, byMs })
  }
  return changes
}

/** The times up to `end` at which `next` ticks. */
function ticks(next: (after: number) => number, start: number, end: number): number[] {
  const found: number[] = []
  for (let time = next(start); time <= end; time = next(time)) found.push(time)
  return found
}

/** The ticks around each change of a clock, ours and croner's. */
function compared(cron: string) {
  return ZONES_CHANGED.flatMap(({ name, zone, changes }) => {
    const schedule = defineSchedule({ name: 'a', cron, timeZone: name, job })
    const other = new Cron(cron, { timezone: name })
    return changes.map(({ at, byMs }) => {
      const within = [at - 3 * HOUR_MS, at + 3 * HOUR_MS] as const
      const ours = ticks((after) => schedule.next(after), ...within)
      const theirs = ticks(
        (after) => other.nextRun(new Date(after))?.getTime() ?? Infinity,
        ...within,
      )
      return { name, zone, byMs, ours, theirs }
    })
  })
}

type Compared = ReturnType<typeof compared>[number]

/**
 * The decisions of ours that differ, for expressions at fixed times. A time that is jumped over ticks as long
 * after the jump, so that nothing is left out and what has some distance keeps it; croner ticks at the jump's
 * end, of several times a day not at all. A time that is shown twice ticks once, as what it starts is for
 * once a day; with croner several times a day tick twice.
 */
const LATER = 'ours ticks as long after the jump'
const AT_ONCE = "theirs ticks at the jump's end"
const AGAIN = 'theirs ticks in both hours'

function differences({ name, zone, byMs, ours, theirs }: Compared): string[] {
  const unexplained = (time: number) => `${name} ${new Date(time).toISOString()}`
  const isJumpedOver = (wall: number) => zone.timesOf(wall).length === 0
  const isSecond = (time: number) => (zone.timesOf(zone.wallTime(time))[0] ?? time) < time
  return [
    ...ours
      .filter((time) => !theirs.includes(time))
      .map((time) => (isJumpedOver(zone.wallTime(time) - byMs) ? LATER : unexplained(time))),
    ...theirs
      .filter((time) => !ours.includes(time))
      .map((time) => {
        if (isJumpedOver(zone.wallTime(time) - MINUTE_MS)) return AT_ONCE
        return isSecond(time) ? AGAIN : unexplained(time)
      }),
  ]
}

describe('around changes of the clock, schedules and croner', () => {
  it('are compared in 26 zones, which change over 80 times in two years', () => {
    expect(ZONES_CHANGED.length).toBe(26)
    expect(ZONES_CHANGED.flatMap(({ changes }) => changes).length).toBeGreaterThan(80)
  })

  it.each(['*/15 * * * *', '30 * * * *'])('tick at the same times at intervals: %s', (cron) => {
    const all = compared(cron)
    expect(all.flatMap(({ ours }) => ours).length).toBeGreaterThan(500)
    expect(all.flatMap(differences)).toEqual([])
  })

  it.each([
    ['0 0 * * *', []],
    ['30 2 * * *', [LATER, AT_ONCE]],
    ['15,45 1-3 * * *', [AGAIN, LATER]],
  ])('at fixed times differ by decisions only: %s', (cron, decisions) => {
    expect(new Set(compared(cron).flatMap(differences))).toEqual(new Set(decisions))
  })
})
