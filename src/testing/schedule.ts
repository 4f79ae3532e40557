import { cutText } from '../engine/cut-text.ts'
import { TestingError } from './errors.ts'
import type { CallFault } from './invocation.ts'
import { type CallKind, type SliceCall } from './slice-call.ts'

/**
 * What can go wrong at one call of a slice: all that can befall the call itself, and
 * - `zombie`: the slice is taken for dead just before the call, and wakes up to make it after its
 *   successor has committed;
 * - `doubled`: the queue message is delivered a second time while the first is being worked.
 */
export type PointFault = CallFault | 'zombie' | 'doubled'

/** A fault at the nth call of its kind, counted from 1 over all slices of the run. */
export interface PlannedFault {
  kind: CallKind
  nth: number
  fault: PointFault
}

/** What goes wrong in one try of a run. */
export type Schedule = readonly PlannedFault[]

/** A call of the undisturbed run, as errors name it. */
export interface Point {
  kind: CallKind
  nth: number
  name: string
}

// Nothing outside knows whether a read has happened; waking up at one is waking up at what follows it.
const READ_FAULTS: readonly PointFault[] = ['dies_before', 'never_lands']
const OBJECT_FAULTS: readonly PointFault[] = [...READ_FAULTS, 'dies_after', 'lost_answer', 'zombie']
const WRITE_FAULTS: readonly PointFault[] = [...OBJECT_FAULTS, 'late']

/** A message is doubled where the run's Durable Object, which decides about it, may decide otherwise. */
const FAULTS: Record<CallKind, readonly PointFault[]> = {
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
export function singleFaults(points: readonly Pick<Point, 'kind' | 'nth'>[]): PlannedFault[] {
  return PLAIN_FIRST.flatMap((faults) =>
    points.flatMap(({ kind, nth }) =>
      faults.filter((fault) => FAULTS[kind].includes(fault)).map((fault) => ({ kind, nth, fault })),
    ),
  )
}

/** Names a call: its kind and place, and its SQL where the job wrote it. */
export function pointName(kind: CallKind, nth: number, { d1 }: SliceCall): string {
  const sql = kind === 'read' || kind === 'write' ? excerpt(d1?.sql[0] ?? '') : ''
  return `${NOUNS[kind]} ${nth}${sql && ` (${sql})`}`
}

const NOUNS: Record<CallKind, string> = {
  claim: 'claim',
  raise: 'raise',
  read: 'D1 read',
  write: 'D1 write outside the effects',
  commit: 'commit',
  end: 'end commit',
  child: 'child creation',
  close: 'close',
  report: 'report',
  release: 'release',
  other: 'call',
}

function excerpt(sql: string): string {
  const line = sql.trim().replaceAll(/\s+/g, ' ')
  return cutText(line, 60, '…')
}

/** A schedule in words, one line per fault. */
export function describeSchedule(schedule: Schedule, points: readonly Point[]): string[] {
  return schedule.map(({ kind, nth, fault }) => {
    const point = points.find((one) => one.kind === kind && one.nth === nth)
    return WORDS[fault](point?.name ?? `${NOUNS[kind]} ${nth}`)
  })
}

const WORDS: Record<PointFault, (point: string) => string> = {
  dies_before: (point) => `the process is killed before ${point} arrives`,
  dies_after: (point) => `the process is killed after ${point} has landed, before its answer`,
  lost_answer: (point) => `${point} lands, and its answer is lost (network error)`,
  never_lands: (point) => `${point} is lost on its way (network error)`,
  late: (point) => `${point} meets a network error, and lands late, before a later commit`,
  zombie: (point) =>
    `the slice is taken for dead before ${point}, and makes it after its successor has committed`,
  doubled: (point) => `the queue message is delivered again at ${point}`,
}

/** The text that `replay` takes. */
export function encodeSchedule(schedule: Schedule): string {
  return schedule.map(({ kind, nth, fault }) => `${kind}:${nth}:${fault}`).join('+')
}

/** Throws `invalid_replay`. */
export function decodeSchedule(text: string): Schedule {
  return text.split('+').map((part) => {
    const [kind = '', number, fault = ''] = part.split(':')
    const nth = Number(number)
    const known = kind in FAULTS && fault in WORDS && Number.isSafeInteger(nth) && nth > 0
    if (!known) {
      throw new TestingError(
        'invalid_replay',
        `Replay has '${part}'; expected CALL:NTH:FAULT as a failed exploration prints it, joined by '+'`,
      )
    }
    return { kind: kind as CallKind, nth, fault: fault as PointFault }
  })
}
