import type { NewRun } from '../engine/drive/run-record.ts'
import { prepareRun } from '../engine/runs/start.ts'
import type { Schedule } from './schedule.ts'

/**
 * A run of a schedule, ready to be created: for a tick, from which its id follows, or by hand at a time. Throws
 * `invalid_params`.
 */
export async function scheduledRun(
  { job, name, params }: Schedule,
  at: string,
  byHand = false,
): Promise<NewRun> {
  const given: unknown =
    typeof params === 'function' ? (params as (at: Date) => unknown)(new Date(at)) : params
  const run = await prepareRun(job, {
    params: given,
    ...(!byHand && { idempotencyKey: `schedule ${name} ${at}` }),
  })
  return { ...run, options: { ...run.options, schedule: { name, tick: byHand ? null : at } } }
}
