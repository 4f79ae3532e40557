import type { Run } from '../api.ts'
import { ago } from '../words.ts'
import { Cursor, ProgressBar, StatusBadge } from './status.tsx'

/** Runs as rows. With `chosen` each can be ticked. */
export function RunTable({
  runs,
  chosen,
  choose,
}: {
  runs: readonly Run[]
  chosen?: ReadonlySet<string>
  choose?: (id: string, on: boolean) => void
}) {
  return (
    <div class="scroll">
      <table class="runs">
        <thead>
          <tr>
            {choose ? (
              <th>
                <span class="unseen">Chosen</span>
              </th>
            ) : null}
            <th>Run</th>
            <th>Status</th>
            <th>Progress</th>
            <th>Step and cursor</th>
            <th>Slices</th>
            <th>Created</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              {choose ? (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Choose run ${run.id}`}
                    checked={chosen?.has(run.id) ?? false}
                    onChange={(event: Event) =>
                      choose(run.id, (event.target as HTMLInputElement).checked)
                    }
                  />
                </td>
              ) : null}
              <td>
                <a href={`/runs/${run.id}`}>{run.job}</a>
                <div class="quiet mono">{run.id.slice(0, 8)}</div>
              </td>
              <td>
                <StatusBadge run={run} />
              </td>
              <td>
                <ProgressBar run={run} />
              </td>
              <td>
                {run.step ? <span>{run.step} </span> : null}
                <Cursor value={run.cursor} />
              </td>
              <td class="figures">
                {run.slices}
                {run.interruptions > 0 ? (
                  <span class="quiet"> ({run.interruptions} interrupted)</span>
                ) : null}
              </td>
              <td>
                <time dateTime={run.createdAt} title={run.createdAt}>
                  {ago(run.createdAt)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
