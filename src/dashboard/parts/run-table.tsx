import type { Run } from '../api.ts'
import { pace } from '../rate-series.ts'
import { useRates } from '../rates.ts'
import { count, duration } from '../words.ts'
import { Cursor, ProgressBar, StatusBadge, When } from './status.tsx'

/** Runs as rows. With `chosen` each can be ticked. */
export function RunTable({
  runs,
  chosen,
  choose,
}: {
  runs: readonly Run[]
  chosen?: ReadonlySet<string>
  choose?: (ids: readonly string[], on: boolean) => void
}) {
  const rateOf = useRates(runs)
  const ids = runs.map(({ id }) => id)
  return (
    <table class="runs">
      <thead>
        <tr>
          {choose ? (
            <th>
              <input
                type="checkbox"
                aria-label="Choose all on this page"
                checked={ids.every((id) => chosen?.has(id))}
                onChange={(event: Event) => choose(ids, isOn(event))}
              />
            </th>
          ) : null}
          <th>Run</th>
          <th>Status</th>
          <th>Progress</th>
          <th class="wide-only">Where</th>
          <th class="wide-only figure">Slices</th>
          <th class="wide-only">Created</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => {
          const { perSecond, leftMs } = pace(run.progress, rateOf(run))
          return (
            <tr key={run.id}>
              {choose ? (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Choose run ${run.id.slice(0, 8)} of ${run.job}`}
                    checked={chosen?.has(run.id) ?? false}
                    onChange={(event: Event) => choose([run.id], isOn(event))}
                  />
                </td>
              ) : null}
              <td>
                <a href={`/runs/${run.id}`} class="strong">
                  {run.job}
                </a>
                <div class="small quiet">
                  <span class="mono">{run.id.slice(0, 8)}</span>
                  {Object.entries(run.labels ?? {}).map(([name, value]) => (
                    <span key={name} class="badge plain">
                      {name}:{value}
                    </span>
                  ))}
                </div>
              </td>
              <td>
                <StatusBadge run={run} />
                {run.error ? (
                  <div class="small quiet error-name">{run.error.code ?? run.error.name}</div>
                ) : null}
              </td>
              <td>
                <ProgressBar run={run} />
                {perSecond === undefined ? null : (
                  <div class="small quiet figure rate">
                    {count(perSecond)}/s{leftMs === undefined ? '' : `, ${duration(leftMs)} left`}
                  </div>
                )}
              </td>
              <td class="wide-only small">
                {run.step} <Cursor value={run.cursor} />
              </td>
              <td class="wide-only figure">{count(run.slices)}</td>
              <td class="wide-only small">
                <When at={run.createdAt} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function isOn(event: Event): boolean {
  return (event.target as HTMLInputElement).checked
}
