import type { EventType } from './events.ts'

/** The kinds that a list of events may be narrowed down to. */
export const EVENT_KINDS = ['all', 'slices', 'steps', 'errors'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/** The part of an event that its kind follows from. */
export interface Typed {
  readonly type: string
  /** Of a run that has ended. */
  readonly status?: string
}

export function isOfKind(event: Typed, kind: EventKind): boolean {
  const { type } = event
  switch (kind) {
    case 'all':
      return true
    case 'slices':
      return type.startsWith('slice.') || type === 'run.interrupted' || type === 'run.resumed'
    case 'steps':
      return type.startsWith('step.') || type.startsWith('iteration.')
    case 'errors':
      return tellsOfError(event)
  }
}

const ERRORS: readonly EventType[] = [
  'run.errored',
  'step.errored',
  'slice.vanished',
  'iteration.skipped',
]

/** Something went wrong: an error, an item that was passed over, a slice that vanished, a run that failed. */
export function tellsOfError({ type, status }: Typed): boolean {
  return (
    (ERRORS as readonly string[]).includes(type) || (type === 'run.ended' && status === 'failed')
  )
}
