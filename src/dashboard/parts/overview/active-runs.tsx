import type { Run } from '../../state/api.ts'
import { pace } from '../../figures/rate-series.ts'
import { useRates } from '../../state/rates.ts'
import { whyWords } from '../../words/why.ts'
import { duration, rateWords } from '../../words/words.ts'
import { Cursor, ProgressBar, StatusBadge } from '../status.tsx'
import { href } from '../../state/base.ts'

/** Runs under way, each with its bar, how fast it is, and how long it will take. */
export function ActiveRuns({ runs }: { runs: readonly Run[] }) {
  const rateOf = useRates(runs)
  return (
    <ul class="list active-runs">
      {runs.map((run) => {
        const { perSecond, leftMs } = pace(run.progress, rateOf(run))
        return (
          <li key={run.id}>
            <div class="head">
              <a href={href(`/runs/${run.id}`)} class="strong">
                {run.job}
              </a>
              <StatusBadge run={run} />
            </div>
            <ProgressBar run={run} />
            <div class="row small quiet">
              {run.status === 'running' ? (
                <>
                  <span>
                    {run.step} <Cursor value={run.cursor} />
                  </span>
                  <span class="figure rate">
                    {perSecond === undefined ? '' : rateWords(perSecond)}
                    {leftMs === undefined ? '' : `, about ${duration(leftMs)} left`}
                  </span>
                </>
              ) : (
                <span>{whyWords(run)}</span>
              )}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
