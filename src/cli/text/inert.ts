import { visible } from '../../engine/plain-text.ts'

/** The members that hold the job's own values, which `valueText` writes as JSON. */
const VALUES = new Set([
  'params',
  'result',
  'cursor',
  'fromCursor',
  'toCursor',
  'expected',
  'actual',
  'fields',
])

/**
 * The Worker's answer, with each text of it as it may be shown: none of it clears the screen, sets
 * a title, turns the line around or looks like a line of ours. What is written with colours is made of
 * this; the colours come later.
 */
export function inert<T>(answer: T): T {
  return inertAt(answer) as T
}

function inertAt(value: unknown): unknown {
  if (typeof value === 'string') return visible(value)
  if (Array.isArray(value)) return value.map(inertAt)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      visible(key),
      VALUES.has(key) && typeof item !== 'string' ? item : inertAt(item),
    ]),
  )
}

/** The colours of `paint.ts`, which Node writes by these codes. */
const COLOURS = new RegExp(String.raw`(\x1b\[(?:3[1-6]|39)m|\n)`)

/** The last look at a text before the terminal has it: line breaks and our colours pass, nothing else that acts. */
export function guarded(text: string): string {
  return text
    .split(COLOURS)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join('')
}
