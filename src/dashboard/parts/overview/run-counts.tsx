import { type Status, STATUSES } from '../../../engine/run.ts'
import type { Overview } from '../../state/api.ts'
import { count } from '../../words/words.ts'
import { href } from '../../state/base.ts'

/** Runs by status; each leads to the runs themselves. */
export function RunCounts({ overview }: { overview: Overview }) {
  const { runsByStatus: counts, completedWithSkips } = overview
  return (
    <nav class="statuses" aria-label="Runs by status">
      {STATUSES.map((status) => {
        const runs = counts[status] ?? 0
        return (
          <a
            key={status}
            href={href(`/runs?status=${status}`)}
            class={`sheet ear tone-${runs === 0 ? 'none' : toneOf(status, completedWithSkips)}`}
          >
            <span class="figure big">{count(runs)}</span>
            <span class="label">
              <span class="dot" /> {status}
            </span>
            {status === 'completed' && completedWithSkips > 0 ? (
              <span class="small quiet">{count(completedWithSkips)} with skips</span>
            ) : null}
          </a>
        )
      })}
    </nav>
  )
}

/** Runs that have completed without some of their items do not look like success. */
function toneOf(status: Status, withSkips: number): Status {
  return status === 'completed' && withSkips > 0 ? 'interrupted' : status
}
