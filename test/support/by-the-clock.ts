import { env } from 'cloudflare:workers'
import type { RunObjects } from '../../src/engine/drive/protocol.ts'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import {
  defineSchedule,
  listSchedules,
  runSchedules,
  type Schedule,
  type ScheduleDefinition,
  type ScheduleView,
} from '../../src/schedules/index.ts'
import { appendSteps } from './jobs.ts'

/** Schedules on one day, whose clock a test moves by hand. */

export const at = (time: string): number => Date.parse(`2027-03-01T${time}Z`)
export const iso = (time: string): string => new Date(at(time)).toISOString()

let schedules = 0
/** Every ten minutes, unless it says otherwise; each has a name of its own. */
export function every10(changes: Partial<ScheduleDefinition<{ items: number }>> = {}): Schedule {
  const name = `schedule-${++schedules}`
  return defineSchedule({ name, cron: '*/10 * * * *', job: appendSteps, ...changes })
}

/** The trigger fires at a time. */
export function trigger(
  schedule: Schedule | Schedule[],
  time: string,
  { db = env.DB, objects = runObjects(env) }: { db?: D1Database; objects?: RunObjects } = {},
): Promise<void> {
  return runSchedules({ db, objects, schedules: [schedule].flat() }, at(time))
}

export async function look(schedule: Schedule, time = '23:59:59'): Promise<ScheduleView> {
  const [seen] = await listSchedules(env.DB, [schedule], at(time))
  return seen as ScheduleView
}

export async function lastRun(schedule: Schedule): Promise<string> {
  return (await look(schedule)).lastRun?.run ?? ''
}
