/** The clock that times are shown by: that of who looks, or the one that all share. */
export type Zone = 'local' | 'utc'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Minutes that local clocks are ahead of UTC at a time. */
function offset(at: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(at).getTimezoneOffset()
}

/** A time as clocks of the zone show it: `2026-11-30T20:33:52.173`. */
export function wallTime(time: string, zone: Zone): string {
  const at = Date.parse(time)
  return new Date(at + offset(at, zone) * MINUTE_MS).toISOString().slice(0, -1)
}

/** `UTC`, `UTC-5`, `UTC+5:30`: what stands beside times. */
export function zoneName(zone: Zone, now = Date.now()): string {
  const ahead = offset(now, zone)
  if (ahead === 0) return 'UTC'
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60]
  return `UTC${ahead < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : `:${minutes}`}`
}

/** `20:33:52.173`; with its date when that is not today's. */
export function clock(time: string, zone: Zone, now = Date.now()): string {
  return `${dateWords(time, zone, now)}${wallTime(time, zone).slice(11)}`
}

/** `20:33`; with its date when that is not today's. */
export function minute(time: string, zone: Zone, now = Date.now()): string {
  return `${dateWords(time, zone, now)}${wallTime(time, zone).slice(11, 16)}`
}

/** `20:33 UTC-5`: for a time that stands alone. */
export function minuteWords(time: string, zone: Zone, now = Date.now()): string {
  return `${minute(time, zone, now)} ${zoneName(zone, Date.parse(time))}`
}

/** `30 Nov `, with the year when it is another one; nothing for today. */
function dateWords(time: string, zone: Zone, now: number): string {
  const today = wallTime(new Date(now).toISOString(), zone)
  const [date, day] = [wallTime(time, zone), Number(wallTime(time, zone).slice(8, 10))]
  if (date.slice(0, 10) === today.slice(0, 10)) return ''
  const month = MONTHS[Number(date.slice(5, 7)) - 1] ?? ''
  const year = date.slice(0, 4)
  return `${day} ${month} ${year === today.slice(0, 4) ? '' : `${year} `}`
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Whether it is so long ago that its date says more than how long. */
export function isLongAgo(time: string, now = Date.now()): boolean {
  return now - Date.parse(time) >= DAY_MS
}

/** What a field for a time has, as an instant; '' for what is no time. */
export function instantOf(field: string, zone: Zone): string {
  const at = Date.parse(zone === 'utc' ? `${field}Z` : field)
  return Number.isNaN(at) ? '' : new Date(at).toISOString()
}

/** An instant, as a field for a time shows it; '' for what is none. */
export function fieldOf(instant: string, zone: Zone): string {
  return Number.isNaN(Date.parse(instant)) ? '' : wallTime(instant, zone).slice(0, 16)
}
