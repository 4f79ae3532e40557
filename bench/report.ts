import type { Summary } from './stats.ts'

/** One thing that is promised, and whether this run of the bench confirms it. */
export interface Claim {
  claim: string
  aim: string
  measured: string
  met: boolean
}

/** What one bench file found. */
export interface Finding {
  title: string
  /** How it was measured, in a few lines. */
  notes: string[]
  tables: Table[]
  claims: Claim[]
  /** Everything measured, for `--json`. */
  data: unknown
}

export interface Table {
  head: string[]
  rows: string[][]
}

export function findingText({ title, notes, tables, claims }: Finding): string {
  const verdicts = {
    head: ['claim', 'aim', 'measured', ''],
    rows: claims.map(({ claim, aim, measured, met }) => [
      claim,
      aim,
      measured,
      met ? 'met' : 'MISSED',
    ]),
  }
  return [
    title,
    '='.repeat(title.length),
    ...notes,
    '',
    ...[...tables, ...(claims.length > 0 ? [verdicts] : [])].map(tableText),
  ].join('\n')
}

/** The first column to the left, figures to the right. */
function tableText({ head, rows }: Table): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  )
  const line = (row: string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return [
    line(head),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(line),
    '',
  ].join('\n')
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** `median [min max]` */
export function spread({ median, min, max }: Summary, digits = 0): string {
  return `${number(median, digits)} [${number(min, digits)} ${number(max, digits)}]`
}

/** `+3.1 %` */
export function percent(part: number): string {
  return `${part >= 0 ? '+' : ''}${(part * 100).toFixed(1)} %`
}
