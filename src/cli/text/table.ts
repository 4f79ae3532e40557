import { cutToWidth, padded, widthOf } from './width.ts'

const GAP = '  '

/** A column is never made narrower: a short id stays whole. */
const LEAST = 8
/** The last column, mostly an error, gives its room before the others, down to this. */
const LEAST_AT_END = 18

/** A line for each row, no wider than `columns`: cells that do not fit end in `…`. */
export function table(rows: readonly (readonly string[])[], columns = Infinity): string {
  const widths = fitted(widestOf(rows), columns)
  return rows
    .map((row) =>
      row
        .map((cell, i) => padded(cutToWidth(cell, widths[i] ?? 0), widths[i] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n')
}

function widestOf(rows: readonly (readonly string[])[]): number[] {
  return rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widthOf(cell), widest[i] ?? 0)),
    [],
  )
}

/** The widths with as much taken away as is too much. */
function fitted(widest: readonly number[], columns: number): number[] {
  const widths = [...widest]
  const last = widths.length - 1
  const room = Math.max(0, columns - GAP.length * last)
  narrowLast(widths, LEAST_AT_END, room)
  narrowOthers(widths, LEAST, room)
  narrowLast(widths, LEAST, room)
  // A terminal as narrow as a phone.
  narrowOthers(widths, 1, room)
  narrowLast(widths, 1, room)
  return widths
}

function narrowLast(widths: number[], least: number, room: number): void {
  const last = widths.length - 1
  const width = widths[last] ?? 0
  const tooMuch = Math.max(0, sum(widths) - room)
  widths[last] = Math.max(Math.min(least, width), width - tooMuch)
}

/** Takes from the widest of them, again and again. */
function narrowOthers(widths: number[], least: number, room: number): void {
  const others = widths.length - 1
  while (sum(widths) > room) {
    const widest = Math.max(...widths.slice(0, others))
    if (widest <= least) return
    widths[widths.indexOf(widest)] = widest - 1
  }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0)
}
