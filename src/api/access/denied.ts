import { bindingsOf } from '../../engine/bindings.ts'
import type { Context } from 'hono'
import { log } from '../../engine/log.ts'
import type { ApiEnv } from '../router.ts'
import { writeEntry } from './audit-log.ts'
import type { Caller } from '../caller.ts'
import { routeOf } from './audit-trail.ts'
import { limitsOf, networkOf } from './rate-limits.ts'

/**
 * Notes that somebody tried to get in and may not: in the log, and in the audit trail as long as those are
 * not too many a minute in all, since whoever guesses must not be able to fill the database. `name` is who
 * they are, when that is known. The credentials themselves are written nowhere.
 */
export async function noteDenied(
  c: Context<ApiEnv>,
  { how, name, status }: { how: Caller['how']; name?: string; status: number },
): Promise<void> {
  const { action } = routeOf(c)
  const from = networkOf(c.req.header('cf-connecting-ip') ?? '')
  // Guessing shows here, however much of it there is.
  log.warn('access.denied', { action, how, name, from, status })
  try {
    // Without a limit, guesses must not fill the database.
    const { LOGIN_LIMIT: limit } = limitsOf(c)
    if (!limit || !(await limit.limit({ key: 'denied' })).success) return
    const caller = { name: name ?? '(unknown)', role: 'none', how }
    const detail = from === '' ? {} : { from }
    await writeEntry(bindingsOf(c.env).db, { caller, action, run: null, detail, status })
  } catch (error) {
    // The answer is no all the same.
    log.error('audit.unwritten', { error })
  }
}
