import {
  CANCEL_RUN,
  FAIL_RUN,
  INDEX_RUN,
  INSERT_RUN,
  REOPEN_RUN,
} from '../engine/store/d1/run-rows.ts'
import type { D1Call } from './intercepted-database.ts'

/**
 * What the Durable Objects of runs do by themselves, for the run and for those that follow it: its rows in
 * D1, what lists show of it, a cancel, a reopening; and the queue message that a slice works.
 */
export type ObjectCallKind = 'insert' | 'index' | 'cancel' | 'reopen' | 'send'

/** What can go wrong with it; nothing of it dies with an invocation. */
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
  return sql.map((text) => KINDS.get(text)).find((kind) => kind !== undefined)
}

const KINDS = new Map<string, ObjectCallKind>([
  [INSERT_RUN, 'insert'],
  [INDEX_RUN, 'index'],
  [CANCEL_RUN, 'cancel'],
  [FAIL_RUN, 'cancel'],
  [REOPEN_RUN, 'reopen'],
])
