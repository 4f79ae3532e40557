import { DogearError } from '../engine/errors.ts'

/**
 * Cron expressions of five fields: minute, hour, day of the month, month, day of the week. Pure, and
 * without time zones: times are wall-clock times, in ms as if the wall stood in UTC.
 */

/** A parsed expression. */
export interface Cron {
  /** Minutes of the day, growing. */
  readonly times: readonly number[]
  readonly daysOfMonth: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>
  /** Both kinds of day are restricted: then one of them is enough. */
  readonly eitherDay: boolean
  /** Minute or hour begins with `*`: it ticks at intervals, not at times of the day. */
  readonly wildcard: boolean
}

interface Field {
  name: string
  min: number
  max: number
  /** Names of the values, from `min` on. */
  names?: readonly string[]
}

const MINUTE: Field = { name: 'minute', min: 0, max: 59 }
const HOUR: Field = { name: 'hour', min: 0, max: 23 }
const DAY_OF_MONTH: Field = { name: 'day of the month', min: 1, max: 31 }
const MONTH: Field = {
  name: 'month',
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
/** Sunday is 0 and 7. */
const DAY_OF_WEEK: Field = {
  name: 'day of the week',
  min: 0,
  max: 7,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** 29 February on a given day of the week comes back after 40 years at the latest. */
const SEARCHED_DAYS = 41 * 366

/**
 * Parses an expression as Vixie's cron does: `*`, numbers, ranges, lists, steps, names of months and
 * days, Sunday as 0 or 7; when both kinds of day are restricted (do not begin with `*`), a day that
 * matches either counts. Throws `invalid_schedule`, also for a date that never comes.
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/)
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields
  if (fields.length !== 5 || minute === '') {
    throw malformed(
      text,
      `it has ${minute === '' ? 0 : fields.length} fields; expected 5: minute, hour, day of the month, month, day of the week`,
    )
  }
  const minutes = parseField(text, MINUTE, minute)
  const hours = parseField(text, HOUR, hour)
  const cron: Cron = {
    times: hours.flatMap((h) => minutes.map((m) => h * 60 + m)),
    daysOfMonth: new Set(parseField(text, DAY_OF_MONTH, dayOfMonth)),
    months: new Set(parseField(text, MONTH, month)),
    daysOfWeek: new Set(parseField(text, DAY_OF_WEEK, dayOfWeek).map((day) => day % 7)),
    eitherDay: !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*'),
    wildcard: minute.startsWith('*') || hour.startsWith('*'),
  }
  if (nextTick(cron, 0) === undefined) throw malformed(text, 'its date never comes')
  return cron
}

/** The first tick after a time; undefined when there is none in 40 years, which `parseCron` refuses. */
export function nextTick(cron: Cron, after: number): number | undefined {
  const first = Math.floor(after / DAY_MS) * DAY_MS
  for (let day = first; day < first + SEARCHED_DAYS * DAY_MS; day += DAY_MS) {
    if (!matchesDay(cron, day)) continue
    const time = cron.times.find((minute) => day + minute * MINUTE_MS > after)
    if (time !== undefined) return day + time * MINUTE_MS
  }
  return undefined
}

/** The last tick at a time or before; undefined when there was none in 40 years. */
export function latestTick(cron: Cron, upTo: number): number | undefined {
  const last = Math.floor(upTo / DAY_MS) * DAY_MS
  for (let day = last; day > last - SEARCHED_DAYS * DAY_MS; day -= DAY_MS) {
    if (!matchesDay(cron, day)) continue
    const time = cron.times.findLast((minute) => day + minute * MINUTE_MS <= upTo)
    if (time !== undefined) return day + time * MINUTE_MS
  }
  return undefined
}

function matchesDay(cron: Cron, day: number): boolean {
  const date = new Date(day)
  if (!cron.months.has(date.getUTCMonth() + 1)) return false
  const ofMonth = cron.daysOfMonth.has(date.getUTCDate())
  const ofWeek = cron.daysOfWeek.has(date.getUTCDay())
  return cron.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek
}

/** The values of one field, growing. */
function parseField(text: string, field: Field, list: string): number[] {
  const values = new Set<number>()
  for (const part of list.split(',')) {
    const match = /^(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(part)
    if (!match) {
      throw malformed(
        text,
        `${field.name} is '${list}'; expected *, 5, 1-5, */15, or a list of these`,
      )
    }
    const [, low, high, every] = match
    const step = every === undefined ? 1 : Number(every)
    if (step < 1) throw malformed(text, `${field.name} has a step of 0 in '${part}'`)
    const from = low === undefined ? field.min : valueOf(text, field, low)
    const to = upperEnd(text, field, { from, low, high, stepped: every !== undefined })
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return [...values].sort((a, b) => a - b)
}

/** Of `*` and `5/10` all up to the field's end, of `5` itself. */
function upperEnd(
  text: string,
  field: Field,
  {
    from,
    low,
    high,
    stepped,
  }: { from: number; low: string | undefined; high: string | undefined; stepped: boolean },
): number {
  // Of `*` Sunday counts once.
  const end = field === DAY_OF_WEEK ? 6 : field.max
  if (low === undefined) return end
  if (high === undefined) return stepped ? end : from
  const to = valueOf(text, field, high)
  // From Friday to Sunday is 5-7: as the end of a range the name is the 7th day.
  const upTo = field === DAY_OF_WEEK && to === 0 && from > 0 ? 7 : to
  if (upTo < from) {
    throw malformed(text, `${field.name} goes from ${low} down to ${high}; expected it to grow`)
  }
  return upTo
}

function valueOf(text: string, { name, min, max, names }: Field, word: string): number {
  const named = names?.indexOf(word.toLowerCase()) ?? -1
  const value = named >= 0 ? min + named : /^\d+$/.test(word) ? Number(word) : NaN
  if (!(value >= min && value <= max)) {
    const orNames = names ? `, or ${names[0]} to ${names.at(-1)}` : ''
    throw malformed(text, `${name} is '${word}'; expected ${min} to ${max}${orNames}`)
  }
  return value
}

function malformed(text: string, problem: string): DogearError {
  return new DogearError('invalid_schedule', `Cron expression '${text}' is malformed: ${problem}`)
}
