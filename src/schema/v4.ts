import { GROUP_TABLES } from './v4/tables.ts'
import { GROUP_TRIGGERS } from './v4/triggers.ts'

/** Version 4: failed runs are gathered by their errors; there is an alert for each such group, and not for each run. */
export const ERROR_GROUPS: readonly string[] = [...GROUP_TABLES, ...GROUP_TRIGGERS]
