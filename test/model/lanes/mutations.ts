import type { LaneSizeName } from './configurations.ts'
import type { LaneGuard } from './world.ts'

/** Guards taken away, and what must follow from it. */
export interface LaneMutation {
  without: readonly LaneGuard[]
  /** What is left then. */
  what: string
  in: readonly LaneSizeName[]
  /** A spare guard: another one does its work. @default false */
  spare?: true
}

export const LANE_MUTATIONS: readonly LaneMutation[] = [
  {
    without: ['planInOneCommit'],
    what: 'the plan narrows lane 0 first, and inserts the other lane then',
    in: ['join'],
  },
  {
    without: ['splitInOneCommit'],
    what: 'a split narrows its lane first, and inserts the new one then',
    in: ['split'],
  },
  {
    without: ['splitByItsOwnLane'],
    what: "the object cuts a lane in D1, beside the slice that is at work and not by that slice's guard",
    in: ['split'],
  },
  {
    without: ['finishIsACommit'],
    what: 'a lane tells its end to the object only, and the join asks D1',
    in: ['join'],
  },
  {
    without: ['joinLooksAtAllLanes'],
    what: 'lane 0 ends the run when it is done itself',
    in: ['join'],
  },
  { without: ['joinIsGuarded'], what: 'the join leaves the run active', in: ['join'] },
  {
    without: ['fenceOfItsOwn'],
    what: 'one fence for the run: the slice of one lane supersedes those of the others',
    in: ['join'],
  },
  { without: ['seqInGuard'], what: 'the guard looks at the fence of its lane only', in: ['join'] },
  {
    without: ['raiseUsesUpSeq'],
    what: 'a raise leaves the seq of its lane alone: a commit without an answer lands after the slice has stopped',
    in: ['paused'],
  },
  {
    without: ['statusInGuard'],
    what: 'the guard does not look at the status: a cancel uses up a seq of each lane',
    in: ['cancelled'],
    spare: true,
  },
  {
    without: ['cancelInOneStatement'],
    what: 'a cancel touches lane 0 only: the guard of the others looks at the status',
    in: ['cancelled'],
    spare: true,
  },
  {
    without: ['statusInGuard', 'cancelInOneStatement'],
    what: 'a cancel touches lane 0 only, and the guard does not look at the status',
    in: ['cancelled'],
  },
  {
    without: ['pauseWaitsForAllLanes'],
    what: 'paused is shown when lane 0 has stopped',
    in: ['paused'],
  },
  {
    without: ['pauseRaisesUnheardLanes'],
    what: 'the lease of a lane has ended, whenever that was, and D1 is not raised before paused is shown',
    in: ['paused'],
  },
  {
    without: ['releaseTellsLanes'],
    what: 'the object hears of new lanes by reports only, which may not come',
    in: ['join'],
  },
  {
    without: ['lastLaneWakesZero'],
    what: 'nobody sends lane 0 a message when the last other lane is finished',
    in: ['join'],
  },
]
