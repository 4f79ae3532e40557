import type { CallFault } from './invocation.ts'
import { OBJECT_CALL_FAULTS, type ObjectCallKind } from './object-call.ts'
import type { CallKind } from './slice-call.ts'

/**
 * The faults of one call: all that can befall the call itself, and
 * - `zombie`: the slice is taken for dead just before the call, and wakes up to make it after its
 *   successor has committed;
 * - `doubled`: the queue message is delivered a second time while the first is being worked;
 * - `storage_lost`: before the call the run's Durable Object is evicted and loses all that it has stored;
 *   the sweep finds the run when the slice is over;
 * - `forgotten`: the same, but the sweep finds the run at once, and the slice makes the call after its
 *   successor has committed;
 * - `put_back`: before the call D1 is put back to what it was before an earlier one.
 */
export type PointFault =
  | CallFault
  | 'zombie'
  | 'doubled'
  | 'storage_lost'
  | 'forgotten'
  | 'put_back'

/** The calls of slices, and those that Durable Objects make by themselves. */
export type PointKind = CallKind | ObjectCallKind

/** The nth call of its kind, counted from 1 over the whole run. */
export interface Place {
  kind: PointKind
  nth: number
}

/** A fault at a call. `to` is what `put_back` goes back to. */
export interface PlannedFault extends Place {
  fault: PointFault
  to?: Place
}

/** The faults of one try of a run. */
export type FaultSchedule = readonly PlannedFault[]

/** A call of the undisturbed run, as errors name it. */
export interface Point extends Place {
  name: string
}

// Nothing outside knows whether a read has happened; waking up at one is waking up at what follows it.
const READ_FAULTS: readonly PointFault[] = ['dies_before', 'never_lands']
const OBJECT_FAULTS: readonly PointFault[] = [...READ_FAULTS, 'dies_after', 'lost_answer', 'zombie']
const WRITE_FAULTS: readonly PointFault[] = [...OBJECT_FAULTS, 'late']

/** A message is doubled where the run's Durable Object, which decides about it, may decide otherwise. */
export const FAULTS: Record<PointKind, readonly PointFault[]> = {
  claim: [...OBJECT_FAULTS, 'doubled'],
  raise: [...WRITE_FAULTS, 'doubled'],
  read: READ_FAULTS,
  write: WRITE_FAULTS,
  commit: [...WRITE_FAULTS, 'doubled'],
  end: WRITE_FAULTS,
  child: OBJECT_FAULTS,
  close: WRITE_FAULTS,
  // No commit waits for a report, and a lost one costs nothing: only the process can end at it.
  report: [...READ_FAULTS, 'dies_after'],
  release: [...OBJECT_FAULTS, 'doubled'],
  other: OBJECT_FAULTS,
  ...OBJECT_CALL_FAULTS,
}

/** The plain ones first: of two schedules that fail, the one with the plainer fault is the smaller. */
const PLAIN_FIRST: readonly (readonly PointFault[])[] = [
  ['dies_before', 'dies_after'],
  ['never_lands', 'lost_answer'],
  ['doubled'],
  ['late'],
  ['zombie'],
]

/** Every fault at every point: the plainest faults first, and those in the order of the points. */
export function singleFaults(points: readonly Place[]): PlannedFault[] {
  return PLAIN_FIRST.flatMap((faults) =>
    points.flatMap(({ kind, nth }) =>
      faults.filter((fault) => FAULTS[kind].includes(fault)).map((fault) => ({ kind, nth, fault })),
    ),
  )
}

// Where a slice's next step depends on what D1 or the object has.
const UPHEAVALS: readonly (readonly [PointFault, kinds: readonly PointKind[]])[] = [
  ['spent', ['raise', 'read', 'write', 'commit', 'end', 'close']],
  ['storage_lost', ['claim', 'raise', 'commit', 'end', 'child', 'close', 'report', 'release']],
  ['forgotten', ['raise', 'commit', 'end', 'release']],
  ['put_back', ['claim', 'raise', 'commit', 'end', 'child', 'close', 'release']],
]

/** D1 is other after one of these. */
const CHANGING: ReadonlySet<PointKind> = new Set(['claim', 'raise', 'commit', 'end', 'close'])

/** One change back, two, three, in turn: every way back from each point would be too much. */
const FARTHEST = 3

/** Faults of a whole slice or a whole run, once at each of these points. */
export function upheavals(points: readonly Place[]): PlannedFault[] {
  let turns = 0
  return UPHEAVALS.flatMap(([fault, kinds]) =>
    points.flatMap(({ kind, nth }, index): PlannedFault[] => {
      if (!kinds.includes(kind)) return []
      if (fault !== 'put_back') return [{ kind, nth, fault }]
      const earlier = points.slice(0, index).filter((point) => CHANGING.has(point.kind))
      if (earlier.length === 0) return []
      const to = earlier.at(-1 - (turns++ % FARTHEST)) ?? earlier[0]
      return to ? [{ kind, nth, fault, to: { kind: to.kind, nth: to.nth } }] : []
    }),
  )
}
