import { STATUSES } from '../../../engine/run.ts'
import type { Overview } from '../../state/api.ts'
import { count } from '../../words/words.ts'
import { href } from '../../state/base.ts'

/** Runs by status; each leads to the runs themselves. */
export function RunCounts({ counts }: { counts: Overview['runsByStatus'] }) {
  return (
    <nav class="statuses" aria-label="Runs by status">
      {STATUSES.map((status) => {
        const runs = counts[status] ?? 0
        return (
          <a
            key={status}
            href={href(`/runs?status=${status}`)}
            class={`sheet ear tone-${runs === 0 ? 'none' : status}`}
          >
            <span class="figure big">{count(runs)}</span>
            <span class="label">
              <span class="dot" /> {status}
            </span>
          </a>
        )
      })}
    </nav>
  )
}
