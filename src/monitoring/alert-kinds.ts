/**
 * Kinds of alerts, about a run, a group of errors (`failed`) or a schedule. D1 raises `failed` and `attention` itself, by triggers, and keeps any
 * other kind that the cron finds; see `judgeRuns` and `judgeSchedules`.
 */
export const ALERT_KINDS = [
  'failed',
  'stalled',
  'slow',
  'skip_rate',
  'budget',
  'attention',
  'schedule_failed',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/**
 * The webhook event of each kind, as a trigger writes it: `run.` and the kind, but for four. The alert of a failure is
 * about the group of its error; one that is in no group needs no event: the end of its run says it.
 */
export const ALERT_EVENTS = {
  failed: 'errors.group',
  attention: 'run.attention',
  stalled: 'run.stalled',
  slow: 'run.slow',
  skip_rate: 'run.over_skip_rate',
  budget: 'run.over_budget',
  schedule_failed: 'schedule.failed',
} as const satisfies Record<AlertKind, string>
