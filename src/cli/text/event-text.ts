import type { EngineEvent } from '../../client/index.ts'
import { eventWords, toneOf } from '../../sentences/event-words.ts'
import { inert } from './inert.ts'
import { type Look, plainLook } from './look.ts'
import type { Colour } from './paint.ts'
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
