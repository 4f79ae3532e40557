import type { Tick } from '../schedules/index.ts'

/** The rule by which a schedule is worth an alert. Pure; `judge-schedules.ts` reads the ticks and keeps the alerts. */

/** One long run may cost a tick or two. */
export const SKIPPED_IN_A_ROW = 3

/** So many of its newest ticks decide: one that ran, and before it as many as make a row. */
export const TICKS_JUDGED = SKIPPED_IN_A_ROW + 1

/** The message about a schedule that does not start its runs, by its newest ticks, the newest first; undefined for others. */
export function scheduleTrouble(ticks: readonly Tick[]): string | undefined {
  const decided = ticks.filter(({ outcome }) => outcome !== 'waiting')
  const [newest, ...before] = decided
  if (!newest) return undefined
  if (newest.outcome === 'failed') {
    return `Its run of ${minuteOf(newest)} could not be started: ${newest.error?.message ?? 'no reason is known'}`
  }
  const skipped = leading(decided, 'skipped')
  if (skipped.length >= SKIPPED_IN_A_ROW) {
    return `${SKIPPED_IN_A_ROW} ticks in a row were skipped, the last at ${minuteOf(newest)}: run ${newest.run} is still at work`
  }
  const [missed, ...others] = leading(newest.outcome === 'missed' ? decided : before, 'missed')
  if (!missed) return undefined
  const more = others.length === 0 ? '' : ', nor at the tick before it'
  return `The cron trigger did not fire at its tick of ${minuteOf(missed)}${more}: no run was started then`
}

function leading(ticks: readonly Tick[], outcome: Tick['outcome']): readonly Tick[] {
  const end = ticks.findIndex((tick) => tick.outcome !== outcome)
  return end === -1 ? ticks : ticks.slice(0, end)
}

/** `2026-12-01 03:00 UTC` */
function minuteOf({ tick }: Tick): string {
  return `${tick.slice(0, 16).replace('T', ' ')} UTC`
}
