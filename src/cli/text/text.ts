import { cutText } from '../../engine/cut-text.ts'
import { visible } from '../../engine/plain-text.ts'

/** So many ms as people say it: `350 ms`, `12.5 s`, `3 min 20 s`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The same where there is little room: `45s`, `3m20s`, `2h5m`, `3d4h`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ]
  if (days > 0) return joined(days, 'd', hours % 24, 'h')
  if (hours > 0) return joined(hours, 'h', minutes % 60, 'm')
  return minutes > 0 ? joined(minutes, 'm', seconds % 60, 's') : `${seconds}s`
}

function joined(great: number, unit: string, small: number, smallUnit: string): string {
  return `${great}${unit}${small === 0 ? '' : `${small}${smallUnit}`}`
}

/** A JSON value on one line, all of it to be seen; a string without its quotes. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  return visible(typeof value === 'string' ? value : JSON.stringify(value))
}

/** `2026-02-02 10:23:45 UTC` */
export function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : cutText(text, length - 1, '…')
}

/** `1 slice`, `2 slices` */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A word as every shell takes it, whatever it holds. */
export function quoted(word: string): string {
  return /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
