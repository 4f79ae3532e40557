import { runCall } from '../engine/store/d1/calls.ts'
import type { RunCall } from '../engine/store/store.ts'
import type { D1Call } from './intercepted-database.ts'

/**
 * The work that the Durable Objects of runs do by themselves, for the run and for those that follow it: its rows in
 * D1, what lists show of it, a cancel, a reopening; and the queue message that a slice works.
 */
export type ObjectCallKind = 'insert' | 'index' | 'cancel' | 'reopen' | 'send'

/** The faults of such a call; nothing of it dies with an invocation. */
export type ObjectCallFault = 'never_lands' | 'lost_answer' | 'late'

export const OBJECT_CALL_FAULTS: Record<ObjectCallKind, readonly ObjectCallFault[]> = {
  insert: ['never_lands', 'lost_answer', 'late'],
  index: ['never_lands', 'lost_answer', 'late'],
  cancel: ['never_lands', 'lost_answer', 'late'],
  reopen: ['never_lands', 'lost_answer', 'late'],
  // A queue keeps no order: one that is late is one that is doubled, to who has sent it again.
  send: ['never_lands', 'lost_answer'],
}

/** Undefined for what is of no consequence: reads, and what is not the run's. */
export function objectD1Kind({ sql }: Pick<D1Call, 'sql'>): ObjectCallKind | undefined {
  const call = runCall(sql)
  return call && KINDS[call]
}

const KINDS: Record<RunCall, ObjectCallKind> = {
  create: 'insert',
  index: 'index',
  cancel: 'cancel',
  fail: 'cancel',
  reopen: 'reopen',
}
