/**
 * `open`: runs are failed with it. `dismissed`: a person has seen it, until it occurs again. `muted`: a person wants to
 * hear nothing of it for a while. `resolved`: no run is failed with it any more.
 */
export const GROUP_STATES = ['open', 'dismissed', 'muted', 'resolved'] as const
export type GroupState = (typeof GROUP_STATES)[number]
