import type { Paged } from '../state/paged.ts'
import { count } from '../words/words.ts'
import { ProblemNotice } from './notice.tsx'

/** Below a list: `200 of 3,001 events`, and the button that loads older ones. */
export function LoadMore({
  of: { items, more, busy, problem },
  shown = items.length,
  total,
  what,
}: {
  of: Paged<unknown>
  /** When the list has others beside those of its pages. */
  shown?: number
  total: number
  what: string
}) {
  return (
    <>
      <ProblemNotice problem={problem} />
      {more || shown < total ? (
        <div class="pages row">
          <span class="small quiet">
            {count(shown)} of {count(Math.max(shown, total))} {what}
          </span>
          {more ? (
            <button type="button" class="small" disabled={busy} onClick={more}>
              Load older {what}
            </button>
          ) : null}
        </div>
      ) : null}
    </>
  )
}
