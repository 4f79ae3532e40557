import type { AuditEntry } from '../api.ts'
import { RunLink, When } from './status.tsx'

/** Entries of the audit trail. Of one run it is a narrow list, else a table with the run of each. */
export function AuditTable({
  entries,
  ofRun = false,
}: {
  entries: readonly AuditEntry[]
  ofRun?: boolean
}) {
  return (
    <div class="scroll" tabIndex={0}>
      <table class="small">
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            {ofRun ? null : <th>Run</th>}
            <th class="figure">Answer</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ id, at, actor, role, how, action, run, detail, status }) => (
            <tr key={id}>
              <td>
                <When at={at} />
              </td>
              <td title={`by ${how}`}>
                {actor} {ofRun ? null : <span class="quiet">{role}</span>}
              </td>
              <td>
                {typeof detail['command'] === 'string' ? detail['command'] : actionWords(action)}
                {ofRun || Object.keys(detail).length === 0 ? null : (
                  <>
                    {' '}
                    <code class="quiet">{JSON.stringify(detail)}</code>
                  </>
                )}
              </td>
              {ofRun ? null : <td>{run === null ? null : <RunLink id={run} />}</td>}
              <td class={`figure ${status !== null && status >= 400 ? 'refused' : ''}`}>
                {status ?? '?'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** `runs/:id/kill` for `POST /api/runs/:id/kill`. */
function actionWords(action: string): string {
  return action.replace(/^(\w+) \/api\//, (_all, method: string) =>
    method === 'POST' ? '' : `${method} `,
  )
}
