import type { Overview } from '../../state/api.ts'
import { count, duration } from '../../words/words.ts'

/** The health of all runs, in figures. */
export function Health({ overview }: { overview: Overview }) {
  const { itemsPerSecond, commitMs, queueLagMs, checkpointHealth, averageResumptions } = overview
  const { judged, healthy } = checkpointHealth
  const figures: [string, string, string][] = [
    ['Items per second', count(Math.round(itemsPerSecond)), 'over the last one to two minutes'],
    ['A commit takes', orDash(commitMs.p50), `95 % up to ${orDash(commitMs.p95)}`],
    ['In the queue', orDash(queueLagMs.p50), `95 % up to ${orDash(queueLagMs.p95)}`],
    [
      'Fresh checkpoints',
      judged === 0 ? '–' : `${healthy} of ${judged}`,
      'runs that commit as they should',
    ],
    [
      'Resumptions',
      averageResumptions === null ? '–' : String(averageResumptions),
      'of a run that has ended, on average',
    ],
  ]
  return (
    <dl class="sheet health" aria-label="Health">
      {figures.map(([name, value, hint]) => (
        <div key={name}>
          <dt class="label">{name}</dt>
          <dd class="figure">{value}</dd>
          <dd class="quiet hint">{hint}</dd>
        </div>
      ))}
    </dl>
  )
}

function orDash(ms: number | null): string {
  return ms === null ? '–' : duration(ms)
}
