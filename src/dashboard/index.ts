/**
 * The page: mounted as it is, or with views of your own, and what such views are made of.
 *
 * @module
 */
export { mount } from './mount.tsx'
export type { AddedView } from './added-view.ts'
export { type Action, useAction } from './action.ts'
export { client, type Commit, type Run, type StartOptions } from './api.ts'
export { useBeginning } from './effect.ts'
export { useRun } from './live.ts'
export { useQuery } from './query.ts'
export { pace, rate } from './rate-series.ts'
export { go, type Route } from './route.ts'
export { fetchSeen } from './seen.ts'
export { useMay } from './session.tsx'
export { useWatchedRun } from './watched-run.ts'
export { whyWords } from './why.ts'
export { count, duration } from './words.ts'
export { confirmed } from './parts/confirm.tsx'
export { EventList } from './parts/event-log.tsx'
export { Facts } from './parts/facts.tsx'
export { Answer, Empty, Loading, ProblemNotice } from './parts/notice.tsx'
export { Proof } from './parts/proof.tsx'
export { SliceBars } from './parts/slice-bars.tsx'
export { Cursor, ProgressBar, StatusBadge, When } from './parts/status.tsx'
export { Steering } from './parts/steering.tsx'
