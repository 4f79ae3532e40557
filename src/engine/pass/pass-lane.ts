import type { PassDeps } from './deps.ts'

/** A lane, as the pass that works on it knows it. */
export interface PassLane {
  /** So many lanes a new run's walk is to be cut into. */
  wanted: number
  /** So many it was cut into; 0 where it was not. */
  count: number
  /** The item that ends the lane, encoded; null where it has no end. */
  last: string | null
  isFirst: boolean
  /** Another lane has cut it off, and no slice has committed anything to it. */
  isNew: boolean
  /** What ends this lane's walk ends that of the run. */
  endsWalk: boolean
}

export function passLane({ lane, wantedLanes }: PassDeps): PassLane {
  const { lanes, last, open, commits } = lane.state
  const { lane: number } = lane.holder
  return {
    wanted: wantedLanes,
    count: lanes,
    last,
    isFirst: number === 0,
    isNew: number > 0 && commits === 0,
    endsWalk: number === 0 && open === 0,
  }
}
