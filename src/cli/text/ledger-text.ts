import type { Commit } from '../../client/index.ts'
import { inert } from './inert.ts'
import { isWide, type Look, plainLook, sinceText } from './look.ts'
import { table } from './table.ts'
import { shorten, valueText } from './text.ts'

/** A cursor may be a whole position; what is cut off here, `-o wide` and `--json` have. */
const MAX_CURSOR = 30

/** The commits of a run, one line each. */
export function ledgerText(commits: readonly Commit[], look: Look = plainLook): string {
  if (commits.length === 0) return 'No commits.'
  const rows = inert(commits).map(
    ({ seq, step, fromCursor, toCursor, items, at, codeVersion, forkable }) => [
      `${seq}`,
      step ?? '',
      cursorText(fromCursor, look),
      cursorText(toCursor, look),
      `${items}`,
      sinceText(at, look),
      forkable ? 'yes' : 'no',
      codeVersion,
    ],
  )
  const when = isWide(look) ? 'COMMITTED' : 'AGE'
  return table(
    [['SEQ', 'STEP', 'FROM', 'TO', 'ITEMS', when, 'FORKABLE', 'CODE'], ...rows],
    look.columns,
  )
}

function cursorText(cursor: unknown, look: Look): string {
  if (cursor === null) return ''
  return isWide(look) ? valueText(cursor) : shorten(valueText(cursor), MAX_CURSOR)
}
