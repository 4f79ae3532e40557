import type { Exploration } from './exploration.ts'
import { Random } from './random.ts'
import {
  singleFaults,
  upheavals,
  type Place,
  type PlannedFault,
  type FaultSchedule,
} from './schedule.ts'

/** The choice of schedules to try. */
export interface Plan {
  /**
   * Most schedules that are tried. With more single faults than that, the seed chooses; three of four are
   * faults of a slice's calls then. @default 400
   */
  maxSchedules?: number
  /** The seed of all that is chosen at random. @default 1 */
  seed?: number
  /** Also tries this many random pairs of faults; true is 50. @default false */
  pairs?: boolean | number
}

/** A schedule that changed the outcome of a run, and how. */
export interface Failure {
  schedule: FaultSchedule
  error: Error
}

/** Every single fault, as far as there is room, then the pairs that were asked for. */
export function plannedSchedules<P>(
  exploration: Exploration<P>,
  { seed = 1, pairs = false, maxSchedules = 400 }: Plan,
): FaultSchedule[] {
  const random = new Random(seed)
  const plain = singleFaults(exploration.points)
  const others = faultsAround(exploration)
  const least = Math.min(others.length, Math.floor(maxSchedules / 4))
  const singles = some(plain, maxSchedules - least, random)
  singles.push(...some(others, Math.min(maxSchedules - singles.length, plain.length), random))
  const schedules: FaultSchedule[] = singles.map((one) => [one])
  const asked = pairs === true ? 50 : Number(pairs)
  const room = Math.min(asked, maxSchedules - schedules.length)
  for (let tries = 0; tries < room; tries++) schedules.push(randomSchedule(exploration, random, 2))
  return schedules
}

/** Faults beside the calls of the run's slices: fewer than those. */
function faultsAround<P>({ points, objectPoints }: Exploration<P>): PlannedFault[] {
  return [...singleFaults(objectPoints), ...upheavals(points)]
}

/** At most so many, in the same order. */
function some<T>(all: readonly T[], most: number, random: Random): T[] {
  if (all.length <= most) return [...all]
  const chosen = new Set(random.shuffled(all).slice(0, most))
  return all.filter((one) => chosen.has(one))
}

/** Distinct points; also calls that only a disturbed run makes: its second claim, say. */
export function randomSchedule<P>(
  exploration: Exploration<P>,
  random: Random,
  faults: number,
): PlannedFault[] {
  const { points, objectPoints } = exploration
  const candidates = [
    ...singleFaults([...withLater(points), ...withLater(objectPoints)]),
    ...upheavals(withLater(points)),
  ]
  const firsts = [...singleFaults(points), ...faultsAround(exploration)]
  const schedule: PlannedFault[] = [random.pick(firsts)]
  while (schedule.length < Math.min(faults, points.length)) {
    const next = random.pick(candidates)
    if (!schedule.some(({ kind, nth }) => kind === next.kind && nth === next.nth))
      schedule.push(next)
  }
  return schedule
}

function withLater(points: readonly Place[]): Place[] {
  const later = points.map(({ kind, nth }) => ({
    kind,
    nth: nth + points.filter((point) => point.kind === kind).length,
  }))
  return [...points, ...later]
}

/** Looks for a smaller schedule that fails too: fewer faults first, then an earlier point for each. */
export async function smallest<P>(exploration: Exploration<P>, failure: Failure): Promise<Failure> {
  const candidates = [...singleFaults(exploration.points), ...faultsAround(exploration)]
  let found = failure
  for (let index = 0; index < found.schedule.length && found.schedule.length > 1;) {
    const schedule = found.schedule.filter((_fault, at) => at !== index)
    const error = await exploration.attempt(schedule)
    if (error) [found, index] = [{ schedule, error }, 0]
    else index += 1
  }
  for (const [index, fault] of found.schedule.entries()) {
    for (const earlier of candidates) {
      if (earlier.fault !== fault.fault || earlier.kind !== fault.kind) continue
      if (earlier.nth >= fault.nth) break
      const schedule = found.schedule.with(index, earlier)
      const error = await exploration.attempt(schedule)
      if (!error) continue
      found = { schedule, error }
      break
    }
  }
  return found
}
