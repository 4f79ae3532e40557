/**
 * Monitoring: what slices count, how all runs are doing, and what a person should look at. It listens to
 * slices (`sliceMetrics`), looks at runs and schedules by the clock (`judgeRuns`, `judgeSchedules`), and is read by the API. See
 * `docs/webhooks-and-alerts.md`.
 *
 * @module
 */
export { sliceMetrics, countRuns, pruneMetrics, readMetrics } from './metric-rows.ts'
export { bucketsOf } from './metrics.ts'
export { COMMIT_MS, cumulative, QUEUE_LAG_MS } from './histogram.ts'
export { readOverview } from './overview.ts'
export { judgeRuns, judgeUnclosed } from './judge.ts'
export { judgeSchedules } from './judge-schedules.ts'
export { type Beat, lastBeat, noteBeat } from './beats.ts'
export { dismissAlert, listAlerts } from './alert-rows.ts'
export { countErrorGroups, groupsByStart, listErrorGroups, readErrorGroup } from './error-groups.ts'
export {
  dismissErrorGroup,
  muteErrorGroup,
  tendErrorGroups,
  unmuteErrorGroup,
} from './error-group-acts.ts'
export { isStale, lastCompleted } from './staleness.ts'
export { lastRuns, readJobRuns } from './job-runs.ts'

export type { RunCount } from './metric-rows.ts'
export type { CounterName, Figure } from './metrics.ts'
export type { Bounds, Quantiles } from './histogram.ts'
export type { CheckpointHealth, Overview, StaleRun } from './overview.ts'
export type { Alert, AlertGroup } from './alert-rows.ts'
export type { OpenAlert } from './open-alerts.ts'
export type { ErrorGroupDetails, ErrorGroupView, GroupPage, GroupQuery } from './error-groups.ts'
export { GROUP_STATES, type GroupState } from './group-states.ts'
export type { TrendPart } from './error-trend.ts'
export type { JobRun, JobRuns, LastRun } from './job-runs.ts'
