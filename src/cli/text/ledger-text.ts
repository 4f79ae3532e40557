import type { Commit } from '../../client/index.ts'
import { table } from './table.ts'
import { shorten, timeText, valueText } from './text.ts'
import { inert } from './inert.ts'

/** A cursor may be a whole position; what is cut off here, `--json` has. */
const MAX_CURSOR = 30

/** The commits of a run, one line each. */
export function ledgerText(commits: readonly Commit[]): string {
  if (commits.length === 0) return 'No commits.'
  return table([
    ['SEQ', 'STEP', 'FROM', 'TO', 'ITEMS', 'COMMITTED', 'CODE', 'FORKABLE'],
    ...inert(commits).map(
      ({ seq, step, fromCursor, toCursor, items, at, codeVersion, forkable }) => [
        `${seq}`,
        step ?? '',
        cursorText(fromCursor),
        cursorText(toCursor),
        `${items}`,
        timeText(at),
        codeVersion,
        forkable ? 'yes' : 'no',
      ],
    ),
  ])
}

function cursorText(cursor: unknown): string {
  return cursor === null ? '' : shorten(valueText(cursor), MAX_CURSOR)
}
