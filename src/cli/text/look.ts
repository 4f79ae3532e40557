import type { WriteStream } from 'node:tty'
import { type Paint, paintFor, plain } from './paint.ts'
import { ageText, timeText } from './text.ts'

/** What a table is laid out for. */
export interface Look {
  paint: Paint
  /** The width that a line may have; Infinity when nothing is to be cut. */
  columns: number
  /** What the age of a thing counts to. */
  now: number
}

/** The width where nobody says another one: a pipe, a log. */
const COLUMNS = 80

export const plainLook: Look = { paint: plain, columns: COLUMNS, now: 0 }

/** As wide as the terminal is, or `COLUMNS` says; `wide`: whatever that is. */
export function lookFor(stream: WriteStream, wide: boolean): Look {
  const said = /^\d+$/.test(process.env['COLUMNS'] ?? '') ? Number(process.env['COLUMNS']) : 0
  const columns = wide ? Infinity : (stream.columns ?? (said || COLUMNS))
  return { paint: paintFor(stream), columns, now: Date.now() }
}

/** Whole ids, times instead of ages, and nothing cut. */
export function isWide({ columns }: Look): boolean {
  return columns === Infinity
}

/** The first characters of a run's id, by which every verb finds it. */
export function idText(id: string, look: Look): string {
  return isWide(look) ? id : id.slice(0, 8)
}

/** How long ago that was; in a wide table the time itself. */
export function sinceText(iso: string, look: Look): string {
  return isWide(look) ? timeText(iso) : ageText(look.now - Date.parse(iso))
}
