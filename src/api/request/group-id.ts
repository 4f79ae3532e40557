import { bindingsOf } from '../../engine/bindings.ts'
import { cutText } from '../../engine/cut-text.ts'
import { groupsByStart } from '../../monitoring/index.ts'
import { ProblemError } from '../problem.ts'

const GROUP_ID = /^[0-9a-f]{16}$/
const START_OF_ID = /^[0-9a-f]{6,15}$/

/** Of groups that a text may mean, so many are named. */
const NAMED = 5

/** The id of the group that a path names, by all of it or by its beginning; or a problem. */
export async function groupIdOf(env: Cloudflare.Env, named: string): Promise<string> {
  if (GROUP_ID.test(named)) return named
  const found = START_OF_ID.test(named)
    ? await groupsByStart(bindingsOf(env).db, named, NAMED + 1)
    : []
  const [only] = found
  if (!only) throw unknownGroup(named)
  if (found.length === 1) return only.id
  const shown = found.slice(0, NAMED).map(({ id, job, error }) => `${id} (${job}, ${error})`)
  const more = found.length > NAMED ? ' and others' : ''
  throw new ProblemError(
    'ambiguous_error_group',
    `'${named}' begins the ids of several groups of errors: ${shown.join(', ')}${more}; expected as much of one of them as no other begins with`,
  )
}

export function unknownGroup(named: string): ProblemError {
  const hint = GROUP_ID.test(named)
    ? '; those that no run is failed with are forgotten after 30 days'
    : '; expected its id, 16 hexadecimal digits, or at least 6 of the first of them'
  return new ProblemError(
    'unknown_error_group',
    `There is no group of errors '${cutText(named, 64)}'${hint}`,
  )
}
