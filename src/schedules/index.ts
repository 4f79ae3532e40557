/**
 * Schedules: runs of jobs that start by the clock. Declare them with `defineSchedule` and give them to
 * `createDogear`. See `docs/guide/deploying.md`.
 *
 * @module
 */
export { checkSchedules, defineSchedule } from './schedule.ts'
export { listSchedules, runSchedules } from './scheduler.ts'
export { readSchedules } from './schedule-rows.ts'

export type { Overlap, Schedule, ScheduleDefinition } from './schedule.ts'
export type { ScheduleView, SchedulerDeps } from './scheduler.ts'
export type { ScheduleState } from './schedule-rows.ts'
