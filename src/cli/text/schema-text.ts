import type { SchemaStatus } from '../../schema/status.ts'

/** The database that a text is about. */
export interface Named {
  binding: string
  remote: boolean
}

/** `local database DB`. */
export function databaseText({ binding, remote }: Named): string {
  return `${remote ? 'remote' : 'local'} database ${binding}`
}

/** How a database's tables stand. */
export function statusText(named: Named, status: SchemaStatus): string {
  const { found, head, pending, state } = status
  const shown = found === 0 ? 'none' : `${found}`
  return [
    databaseText(named),
    `version   ${shown}, of ${head} that this release knows`,
    `pending   ${pending.length > 0 ? pending.join(', ') : 'none'}`,
    `state     ${state.replace('_', ' ')}`,
  ].join('\n')
}
