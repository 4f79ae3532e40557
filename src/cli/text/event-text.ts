import type { EngineEvent, HistoryPage, LeftOut } from '../../client/index.ts'
import { eventWords, toneOf } from '../../sentences/event-words.ts'
import { count } from '../../sentences/figures.ts'
import { leftOutWords } from '../../sentences/left-out-words.ts'
import { inert } from './inert.ts'
import { type Look, plainLook } from './look.ts'
import type { Colour } from './paint.ts'
import { timeText } from './text.ts'
import { cutToWidth } from './width.ts'

const COLOURS: Readonly<Record<string, Colour>> = {
  failed: 'red',
  interrupted: 'yellow',
  completed: 'green',
  running: 'cyan',
}

/** `  12  10:23:45.678  Step load began`, on one line. All that an event holds is in the JSON alone. */
export function eventText(id: number, given: EngineEvent, look: Look = plainLook): string {
  const event = inert(given)
  const place = `${`${id}`.padStart(4)}  ${event.at.slice(11, 23)}  `
  const words = cutToWidth(eventWords(event), look.columns - place.length)
  const colour = COLOURS[toneOf(event)]
  return place + (colour === undefined ? words : look.paint(colour, words))
}

/** The day of the events below it: clocks are those of UTC. */
export function dayText({ at }: EngineEvent): string {
  return `${inert(at.slice(0, 10))} UTC`
}

/** `200 of 3,001 events`, when that is not all. */
export function pastText({ events, total, nextCursor }: HistoryPage): string[] {
  if (events.length >= total) return []
  const more = nextCursor === null ? '' : '; --all has all that are kept'
  return [`${count(events.length)} of ${count(total)} events${more}`]
}

/** `4,000 more like slice.vanished are not kept: 2026-02-02 10:23:45 UTC to ...`. */
export function leftOutText(given: LeftOut, look: Look = plainLook): string {
  const one = inert(given)
  const times = `${timeText(one.from)} to ${timeText(one.to)}`
  return cutToWidth(`  ${times}: ${leftOutWords(one)}`, look.columns)
}
