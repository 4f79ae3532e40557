import { excerpt } from '../engine/cut-text.ts'
import { TestingError } from './errors.ts'
import { OBJECT_CALL_FAULTS } from './object-call.ts'
import {
  FAULTS,
  type Place,
  type PlannedFault,
  type Point,
  type PointFault,
  type PointKind,
  type FaultSchedule,
} from './schedule.ts'
import type { SliceCall } from './slice-call.ts'

/** Names a call: its kind and place, and its SQL where the job wrote it. */
export function pointName({ kind, nth }: Place, call?: SliceCall): string {
  const sql = kind === 'read' || kind === 'write' ? excerpt(call?.d1?.sql[0] ?? '', 60) : ''
  return `${NOUNS[kind]} ${nth}${sql && ` (${sql})`}`
}

const NOUNS: Record<PointKind, string> = {
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
  insert: "the object's insert",
  index: "the object's index write",
  cancel: "the object's cancel",
  reopen: "the object's reopening",
  send: 'message',
}

/** A schedule in words, one line per fault. */
export function describeSchedule(schedule: FaultSchedule, points: readonly Point[]): string[] {
  const nameOf = (place: Place): string =>
    points.find(({ kind, nth }) => kind === place.kind && nth === place.nth)?.name ??
    pointName(place)
  return schedule.map((planned) =>
    WORDS[planned.fault](nameOf(planned), planned.to ? nameOf(planned.to) : ''),
  )
}

const WORDS: Record<PointFault, (point: string, to: string) => string> = {
  dies_before: (point) => `the process is killed before ${point} arrives`,
  dies_after: (point) => `the process is killed after ${point} has landed, before its answer`,
  lost_answer: (point) => `${point} lands, and its answer is lost (network error)`,
  never_lands: (point) => `${point} is lost on its way (network error)`,
  late: (point) => `${point} meets a network error, and lands late, before a later commit`,
  spent: (point) =>
    `the invocation has no D1 statements left at ${point}: it and all later ones are refused`,
  zombie: (point) =>
    `the slice is taken for dead before ${point}, and makes it after its successor has committed`,
  doubled: (point) => `the queue message is delivered again at ${point}`,
  storage_lost: (point) =>
    `the object of the run loses its storage before ${point}, and the sweep finds the run after the slice`,
  forgotten: (point) =>
    `the object of the run loses its storage before ${point}, the sweep finds the run at once, ` +
    'and the slice makes the call after its successor has committed',
  put_back: (point, to) => `D1 is put back before ${point}, to what it was before ${to}`,
}

/** The text that `replay` takes. */
export function encodeSchedule(schedule: FaultSchedule): string {
  return schedule
    .map(({ kind, nth, fault, to }) =>
      [kind, nth, fault, ...(to ? [to.kind, to.nth] : [])].join(':'),
    )
    .join('+')
}

/** Throws `invalid_replay`. */
export function decodeSchedule(text: string): FaultSchedule {
  return text.split('+').map((part) => {
    const planned = decodeFault(part)
    if (planned) return planned
    throw new TestingError(
      'invalid_replay',
      `Replay has '${part}'; expected CALL:NTH:FAULT as a failed exploration prints it ` +
        `(CALL:NTH:put_back:CALL:NTH), joined by '+'`,
    )
  })
}

function decodeFault(part: string): PlannedFault | undefined {
  const [kind, nth, fault = '', toKind, toNth] = part.split(':')
  const place = decodePlace(kind, nth)
  if (!place || !Object.hasOwn(WORDS, fault)) return undefined
  const planned = { ...place, fault: fault as PointFault }
  if (isOfObject(place) && !FAULTS[place.kind].includes(planned.fault)) return undefined
  if (planned.fault !== 'put_back') return planned
  const to = decodePlace(toKind, toNth)
  return to && !isOfObject(to) ? { ...planned, to } : undefined
}

function decodePlace(kind = '', number = ''): Place | undefined {
  const nth = Number(number)
  const known = Object.hasOwn(FAULTS, kind) && Number.isSafeInteger(nth) && nth > 0
  return known ? { kind: kind as PointKind, nth } : undefined
}

function isOfObject({ kind }: Place): boolean {
  return Object.hasOwn(OBJECT_CALL_FAULTS, kind)
}
