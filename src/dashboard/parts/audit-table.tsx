import type { AuditEntry } from '../state/api.ts'
import { RunLink, When } from './status.tsx'
import { ZoneLabel } from './zone.tsx'

/** Entries of the audit trail, each with its run. */
export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table class="small">
        <thead>
          <tr>
            <th>
              When <ZoneLabel />
            </th>
            <th>Who</th>
            <th>What</th>
            <th>Run</th>
            <th>With</th>
            <th class="figure">Answer</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>
                <When at={entry.at} />
              </td>
              <td title={`by ${entry.how}`} class="nowrap">
                {entry.actor} <span class="quiet">{entry.role}</span>
              </td>
              <td class="strong nowrap">{whatWords(entry)}</td>
              <td>{entry.run === null ? null : <RunLink id={entry.run} />}</td>
              <td>
                {Object.keys(entry.detail).length === 0 ? null : (
                  <code class="quiet">{JSON.stringify(entry.detail)}</code>
                )}
              </td>
              <td class={`figure ${isRefused(entry) ? 'refused' : ''}`}>{entry.status ?? '?'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const WORDS: Record<string, string> = {
  'POST /api/jobs/:job/runs': 'start',
  'POST /api/runs/:id/:command': 'steer',
  'POST /api/session': 'log in',
  'DELETE /api/session': 'log out',
}

/** `pause`, `kill`, `shop/seed`, `shop/imports`: what an entry tells of, in a word or two. */
export function whatWords({ action, detail }: AuditEntry): string {
  if (typeof detail['command'] === 'string') return detail['command']
  return WORDS[action] ?? action.replace(/^\w+ \/api\/(runs\/)?(:id\/)?|\/:\w+/g, '')
}

/** The outcome in words, when it was not done. */
export function answerWords(entry: AuditEntry): string | undefined {
  if (entry.status === null) return 'without an answer: cut off'
  return isRefused(entry) ? `refused (${entry.status})` : undefined
}

function isRefused({ status }: AuditEntry): boolean {
  return status !== null && status >= 400
}
