import { laneObject } from '../../engine/drive/lane-object.ts'
import type { RunView } from '../../engine/run.ts'
import { ProblemError } from '../problem.ts'

/** The name of the object that keeps the past of one of a run's lanes. Throws `invalid_query` for a lane that it has not. */
export function laneOf(run: RunView, lane: number): string {
  requireLane(run, lane)
  return laneObject(run.id, lane)
}

export function requireLane({ id, lanes }: RunView, lane: number): void {
  const count = lanes?.length ?? 1
  if (lane < count) return
  throw new ProblemError(
    'invalid_query',
    count === 1
      ? `Run ${id} is worked in one lane; expected lane 0`
      : `Run ${id} is worked in ${count} lanes; expected a lane from 0 to ${count - 1}`,
  )
}
