import type { JobDetails, JobRun } from '../../state/api.ts'
import { href } from '../../state/base.ts'
import { ago, count, duration } from '../../words/words.ts'
import { Empty } from '../notice.tsx'

/** A bar is never so low that nobody can point at it. */
const LEAST = 4

/** The last runs as bars of how long they took, the newest at the right; each leads to its run. */
export function JobBars({ job: { name, runs, usualMs } }: { job: JobDetails }) {
  if (runs.length === 0) return <Empty>No run of {name} yet.</Empty>
  const most = Math.max(1, ...runs.map(({ tookMs }) => tookMs ?? 0))
  const usual = usualMs === null ? undefined : (usualMs / most) * 100
  return (
    <>
      <ol class="job-bars" aria-label="The last runs, the oldest first">
        {runs.toReversed().map((run) => (
          <li key={run.id}>
            <a
              href={href(`/runs/${run.id}`)}
              class={`tone-${toneOf(run)}`}
              title={barWords(run)}
              aria-label={barWords(run)}
              style={{ height: `${Math.max(LEAST, ((run.tookMs ?? 0) / most) * 100)}%` }}
            >
              {run.slow ? <span aria-hidden="true">!</span> : null}
            </a>
          </li>
        ))}
        {usual === undefined ? null : (
          <li class="usual" aria-hidden="true" style={{ bottom: `${usual}%` }} />
        )}
      </ol>
      <p class="small quiet">
        The highest took {duration(most)}
        {usualMs === null ? '' : `; the line is the usual ${duration(usualMs)}`}.{' '}
        <a href={href(`/runs?job=${encodeURIComponent(name)}`)}>All runs</a>
      </p>
    </>
  )
}

/** Completed without some of its items does not look like success. */
function toneOf({ status, skipped }: JobRun): string {
  return status === 'completed' && skipped > 0 ? 'interrupted' : status
}

function barWords({ status, createdAt, tookMs, skipped, slow }: JobRun): string {
  const parts = [
    status,
    tookMs === null ? 'not begun' : `took ${duration(tookMs)}`,
    ...(slow ? ['slower than usual'] : []),
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
    `started ${ago(createdAt)}`,
  ]
  return parts.join(', ')
}
