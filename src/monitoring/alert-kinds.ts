/**
 * Kinds of alerts about a run. D1 raises `failed` and `attention` itself, by triggers, and keeps any other kind that
 * the cron finds; see `judgeRuns`.
 */
export const ALERT_KINDS = ['failed', 'stalled', 'skip_rate', 'budget', 'attention'] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/**
 * The webhook event of each kind, as a trigger writes it: `run.` and the kind, but for two. A failure needs none: the
 * end of its run says it.
 */
export const ALERT_EVENTS = {
  attention: 'run.attention',
  stalled: 'run.stalled',
  skip_rate: 'run.over_skip_rate',
  budget: 'run.over_budget',
} as const satisfies Record<Exclude<AlertKind, 'failed'>, string>
