import { isoTime } from '../engine/iso-time.ts'
import { newestTicks, type Schedule } from '../schedules/index.ts'
import { keepScheduleAlerts } from './alert-rows.ts'
import { scheduleTrouble, TICKS_JUDGED } from './schedule-rules.ts'

/**
 * Judges schedules by what became of their last ticks. To be called every minute, after `runSchedules`; calling it
 * twice raises nothing twice. Clears the alerts of those that run again or are declared no more. Gives the number of
 * alerts that are new.
 */
export async function judgeSchedules(
  db: D1Database,
  schedules: readonly Schedule[],
  now: number,
): Promise<number> {
  const names = schedules.map(({ name }) => name)
  const ticks = await newestTicks(db, names, TICKS_JUDGED)
  const raised = schedules.flatMap(({ name, job }) => {
    const message = scheduleTrouble(ticks.get(name) ?? [])
    return message === undefined ? [] : [{ schedule: name, job: job.name, message }]
  })
  return keepScheduleAlerts(db, raised, isoTime(now))
}
