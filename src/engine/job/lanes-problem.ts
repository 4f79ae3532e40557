import type { ErrorRule } from '../policies/error-rules.ts'
import { numberProblem, WHOLE } from '../policies/expected-numbers.ts'

/** The most lanes of a run. */
export const MAX_LANES = 64

/** What a walk in lanes cannot be combined with. */
interface Beside {
  lanes?: number | undefined
  limit?: number | undefined
  attributes?: unknown
  errors?: readonly ErrorRule[] | undefined
  interrupt?: unknown
}

/** A number of lanes that cannot be meant, or not beside the rest, as a problem; undefined when there is none. */
export function lanesProblem({
  lanes,
  limit,
  attributes,
  errors,
  interrupt,
}: Beside): string | undefined {
  const problem = numberProblem('lanes', lanes, {
    fits: (value) => WHOLE.fits(value) && value <= MAX_LANES,
    text: `a whole number from 1 to ${MAX_LANES}`,
  })
  if (problem !== undefined || lanes === undefined || lanes === 1) return problem
  const restarts = errors?.some(({ action }) => action === 'restart')
  const beside = Object.entries({
    limit: limit !== undefined,
    attributes: attributes !== undefined,
    restartOn: restarts === true,
    'an interruption at a place': interrupt !== undefined,
  }).find(([, given]) => given)
  return beside && `lanes is ${lanes}, beside ${beside[0]}; expected one or the other`
}
