import { expectedBy } from './checks/expected.ts'
import type { Project } from './project.ts'

/** Which keys of the configuration hold what `createDogear` names. */
export const KEYS = {
  db: ['d1_databases'],
  runs: ['durable_objects', 'migrations', 'exports'],
  queue: ['queues'],
  version: ['version_metadata'],
  cron: ['triggers'],
}

/** What `createDogear` names in a way that this command does not read. */
export function unknownTo(project: Project): (keyof typeof KEYS)[] {
  return project.jobs.isNew ? [] : expectedBy(project).unknown
}
