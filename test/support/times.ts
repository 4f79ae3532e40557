import { env } from 'cloudflare:workers'

/**
 * How many times as much is tried as in a plain `npm test`: more random schedules, more of the
 * crash points. `npm run test:long` sets it.
 */
export const TIMES = Number(env.TEST_TIMES)
