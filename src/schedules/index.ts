/**
 * Schedules: runs of jobs that start by the clock. Declare them with `defineSchedule` and give them to
 * `createDogear`. See `docs/guide/deploying.md`.
 *
 * @module
 */
export { checkSchedules, defineSchedule } from './schedule.ts'
export { runSchedules } from './scheduler.ts'
export { pauseSchedule, resumeSchedule, runNow } from './steer.ts'
export { listSchedules } from './schedule-view.ts'
export { readSchedules } from './schedule-rows.ts'
export { newestTicks, pruneTicks } from './tick-rows.ts'
export { TICK_OUTCOMES } from './tick.ts'

export type { Overlap, Schedule, ScheduleDefinition } from './schedule.ts'
export type { SchedulerDeps } from './scheduler.ts'
export type { ScheduleView } from './schedule-view.ts'
export type { ScheduleState } from './schedule-rows.ts'
export type { Tick, TickOutcome } from './tick.ts'
