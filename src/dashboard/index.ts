/**
 * The page: mounted as it is, or with views of your own, and what such views are made of.
 *
 * @module
 */
export { mount } from './mount.tsx'
export type { AddedView } from './added-view.ts'
export { type Action, useAction } from './state/action.ts'
export { base, href } from './state/base.ts'
export { client, type Run, type StartOptions } from './state/api.ts'
export { useBeginning } from './state/effect.ts'
export { useRun } from './state/live.ts'
export { useQuery } from './state/query.ts'
export { pace, rate } from './figures/rate-series.ts'
export { go, type Route } from './state/route.ts'
export { fetchSeen } from './state/seen.ts'
export { useMay } from './state/session.tsx'
export { useWatchedRun } from './state/watched-run.ts'
export { whyWords } from './words/why.ts'
export { count, duration, rateWords } from './words/words.ts'
export { confirmed } from './parts/confirm.tsx'
export { EventList } from './parts/run/event-list.tsx'
export { Facts } from './parts/facts.tsx'
export { Answer, Empty, Loading, ProblemNotice } from './parts/notice.tsx'
export { Proof } from './parts/run/proof.tsx'
export { SliceBars } from './parts/run/slice-bars.tsx'
export { Cursor, ProgressBar, StatusBadge, When } from './parts/status.tsx'
export { Steering } from './parts/run/steering.tsx'
