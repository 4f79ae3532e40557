import { href } from '../../state/base.ts'
import { isEnded } from '../../../engine/run.ts'
import type { Run } from '../../state/api.ts'
import { averageRate, pace, rate, type Sample } from '../../figures/rate-series.ts'
import { whyWords } from '../../words/why.ts'
import { count, duration, rateWords, toneOfRun } from '../../words/words.ts'
import { Facts } from '../facts.tsx'
import { Cursor, ProgressBar, StatusBadge } from '../status.tsx'
import { Steering } from './steering.tsx'

/** The head of a run's page: where it stands, why, how fast it goes, and what can be done. */
export function RunHero({ run, samples }: { run: Run; samples: readonly Sample[] }) {
  const { perSecond, leftMs } = pace(
    run.progress,
    run.status === 'running' ? rate(samples) : undefined,
  )
  const average = averageRate(run)
  const facts: [string, string][] = [
    average === undefined
      ? ['Rate', perSecond === undefined ? '–' : rateWords(perSecond)]
      : ['Average rate', rateWords(average)],
    isEnded(run.status)
      ? ['Worked for', duration(run.workedMs)]
      : ['Time left', leftMs === undefined ? '–' : `about ${duration(leftMs)}`],
    ['Slices', count(run.slices)],
    ['Commits', count(run.commits)],
    ['Interruptions', count(run.interruptions)],
    ['Resumptions', count(run.resumptions)],
  ]
  return (
    <section class={`sheet ear hero tone-${toneOfRun(run)}`} aria-label="Progress">
      <div class="row">
        <h1>
          <a href={href(`/jobs/${encodeURIComponent(run.job)}`)}>{run.job}</a>
        </h1>
        <StatusBadge run={run} />
        <span class="badge plain">{run.style === 'iteration' ? 'iteration' : 'in steps'}</span>
      </div>
      <p>
        {whyWords(run)} <Checkpoint run={run} />
      </p>
      <ProgressBar run={run} big />
      <Facts of={facts} />
      <Steering run={run} />
    </section>
  )
}

/** The last that is done; of a run that has done all there is nothing to go on from. */
function Checkpoint({ run: { status, step, cursor, lanes } }: { run: Run }) {
  // Each lane has its own.
  if (lanes || status === 'completed' || (step === null && cursor === null)) return null
  return (
    <span class="quiet">
      Checkpoint: {step}
      {cursor === null ? '' : ' last done'} <Cursor value={cursor} />
    </span>
  )
}
