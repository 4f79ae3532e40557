import type { LogLine, LogPage } from '../../client/index.ts'
import { count } from '../../sentences/figures.ts'
import { inert } from './inert.ts'
import { type Look, plainLook } from './look.ts'
import type { Colour } from './paint.ts'
import { timeText, valueText } from './text.ts'
import { cutToWidth } from './width.ts'

const COLOURS: Readonly<Partial<Record<LogLine['level'], Colour>>> = {
  warn: 'yellow',
  error: 'red',
}

/** `2026-02-02 10:23:45.678  warn   no price {"order":7}`, on one line. */
export function lineText(given: LogLine, look: Look = plainLook): string {
  const { at, level, message, fields } = inert(given)
  const place = `${at.slice(0, 23).replace('T', ' ')}  ${level.padEnd(5)}  `
  const more = fields === undefined ? '' : ` ${valueText(fields)}`
  const words = cutToWidth(message + more, look.columns - place.length)
  const colour = COLOURS[level]
  return place + (colour === undefined ? words : look.paint(colour, words))
}

/** The lines, the oldest first, below what is not among them. Times are those of UTC. */
export function linesText(page: LogPage, look: Look = plainLook): string {
  if (page.total === 0) return 'No lines: the job has written none by run.log.'
  return [...pastText(page), ...page.lines.map((line) => lineText(line, look))].join('\n')
}

function pastText(page: LogPage): string[] {
  const { lines, total, leftOut, nextCursor } = inert(page)
  if (lines.length >= total) return []
  const more = nextCursor === null ? '' : '; --all has all that are kept'
  const gone =
    leftOut === null
      ? ''
      : `; ${count(leftOut.count)} of ${timeText(leftOut.from)} to ${timeText(leftOut.to)} are not kept`
  return [`${count(lines.length)} of ${count(total)} lines${more}${gone}`]
}
