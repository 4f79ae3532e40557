import { TICK } from './worker-config.ts'

/** Each minute, in other words. A Worker tells its ticks apart by these, letter by letter. */
const TICKS = [TICK, '*/1 * * * *', '* */1 * * *', '* * */1 * *']

/** A tick of each minute that is not taken. */
export function freeTick(taken: readonly string[]): string {
  return TICKS.find((tick) => !taken.includes(tick)) ?? TICK
}
