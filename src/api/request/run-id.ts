import type { Context } from 'hono'
import { bindingsOf } from '../../engine/bindings.ts'
import { cutText } from '../../engine/cut-text.ts'
import { type Candidate, runsByStart } from '../../engine/store/d1/runs-by-start.ts'
import { ProblemError } from '../problem.ts'
import type { ApiEnv } from '../router.ts'

/** Asking for a name would create an object for it: only ids that a run can have are asked for. */
const RUN_ID = /^[0-9a-f]{32}$/
const START_OF_ID = /^[0-9a-f]{6,31}$/
const TOO_SHORT = /^[0-9a-f]{1,5}$/

/** Of runs that a text may mean, so many are named. */
const NAMED = 5

/**
 * The id of the run that a path names, by all of it or by its beginning; or a problem. A whole id asks
 * nobody, and the beginning of one asks once, however often a request wants to know.
 */
export function runIdOf(c: Context<ApiEnv>, named: string): Promise<string> {
  const known = c.get('runId')
  if (known) return known
  const found = RUN_ID.test(named) ? Promise.resolve(named) : sought(c.env, named)
  c.set('runId', found)
  return found
}

async function sought(env: Cloudflare.Env, named: string): Promise<string> {
  if (!START_OF_ID.test(named)) throw unknownRun(named)
  const candidates = await runsByStart(bindingsOf(env).db, named, NAMED + 1)
  const [only] = candidates
  if (!only) throw unknownRun(named)
  if (candidates.length > 1) throw ambiguousRun(named, candidates)
  return only.id
}

export function unknownRun(named: string): ProblemError {
  const hint = TOO_SHORT.test(named)
    ? '; expected its id, or at least 6 of the first characters of it'
    : ''
  return new ProblemError('unknown_run', `There is no run '${cutText(named, 64)}'${hint}`)
}

function ambiguousRun(named: string, candidates: readonly Candidate[]): ProblemError {
  const shown = candidates.slice(0, NAMED).map(({ id, job, status }) => `${id} (${job}, ${status})`)
  const more = candidates.length > NAMED ? ' and others' : ''
  return new ProblemError(
    'ambiguous_run',
    `'${named}' begins the ids of several runs: ${shown.join(', ')}${more}; expected as much of one of them as no other begins with`,
  )
}
