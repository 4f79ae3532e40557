import { env } from 'cloudflare:workers'
import { bindingsOf } from '../../src/engine/bindings.ts'

/**
 * How many times as much is tried as in a plain `npm test`: more random schedules, more of the
 * crash points. `npm run test:long` sets it.
 */
export const TIMES = Number(env.TEST_TIMES)

/**
 * The most schedules of an exploration that tries all single faults. A Worker without a queue differs in who works a
 * slice: a sample shows that.
 */
export const MOST_SCHEDULES = bindingsOf(env).queue ? 400 : 60 * TIMES
