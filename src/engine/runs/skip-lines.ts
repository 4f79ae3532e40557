import type { SkippedItem } from '../skipped-item.ts'

/** The forms in which skipped items leave Dogear as a file. */
export const SKIP_FILES = ['csv', 'jsonl'] as const
export type SkipFile = (typeof SKIP_FILES)[number]

/** The columns of a CSV file of skipped items. */
export const SKIP_COLUMNS = [
  'step',
  'cursor',
  'error',
  'message',
  'attempts',
  'skippedAt',
  'by',
  'group',
].join(',')

/** A skipped item as a line of a file, without its end. */
export function skipLine(item: SkippedItem, form: SkipFile): string {
  if (form === 'jsonl') return JSON.stringify(item)
  const { step, cursor, error, attempts, skippedAt, by = '' } = item
  return [
    step,
    JSON.stringify(cursor),
    error.code ?? error.name,
    error.message,
    attempts,
    skippedAt,
    by,
    error.group?.id ?? '',
  ]
    .map(cell)
    .join(',')
}

/** A spreadsheet takes a text that begins like this for a formula, and works it. */
const FORMULA = /^[=+\-@\t\r]/

/** As RFC 4180 wants it. A text that would be a formula gets an apostrophe before it; numbers stay. */
function cell(value: string | number): string {
  const text = String(value)
  const isNumber = /^-?\d+(\.\d+)?$/.test(text)
  const inert = !isNumber && FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
