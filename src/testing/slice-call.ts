import type { RunObject } from '../engine/drive/protocol.ts'
import { isClose, isCommit, isEnd, isRaise, isRead } from './d1-calls.ts'
import type { D1Call } from './intercepted-database.ts'

/**
 * The calls by which a slice touches anything that outlives it, to D1 or to a Durable Object: between
 * two of them nothing can be lost, so these are the points where a crash is tried.
 */
export type CallKind =
  | 'claim'
  | 'raise'
  | 'read'
  | 'write'
  | 'commit'
  | 'end'
  | 'child'
  | 'close'
  | 'report'
  | 'release'
  | 'other'

/** One call of a slice. `matches` of a death, and fault plans, see it before it is made. */
export interface SliceCall {
  kind: CallKind
  /** Set for calls to D1. */
  d1?: D1Call
  /** Set for calls to a Durable Object. */
  object?: { run: string; method: keyof RunObject }
}

export function d1SliceCall(d1: D1Call): SliceCall {
  return { kind: d1Kind(d1), d1 }
}

function d1Kind(call: D1Call): CallKind {
  if (isEnd(call)) return 'end'
  if (isCommit(call)) return 'commit'
  if (isRaise(call)) return 'raise'
  if (isClose(call)) return 'close'
  return isRead(call) ? 'read' : 'write'
}

export function objectSliceCall(run: string, method: keyof RunObject): SliceCall {
  return { kind: OBJECT_KINDS[method] ?? 'other', object: { run, method } }
}

const OBJECT_KINDS: Partial<Record<keyof RunObject, CallKind>> = {
  create: 'child',
  claim: 'claim',
  report: 'report',
  release: 'release',
}
