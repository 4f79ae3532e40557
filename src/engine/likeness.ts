import type { EngineEvent } from './events.ts'
import type { RunError } from './errors.ts'
import { isEnded } from './run.ts'

/** Of what two events are held to be alike by. */
const MAX_LIKENESS = 120

/**
 * What an event that is kept for its run's life has in common with others like it: `slice.vanished`, or
 * `run.errored Error: item # is bad`. Undefined for a routine event: a claim, a release for the budget, a resumption.
 */
export function likenessOf(event: EngineEvent): string | undefined {
  const detail = detailOf(event)
  return detail === undefined ? undefined : `${event.type} ${detail}`.trim().slice(0, MAX_LIKENESS)
}

/** '' where the type says it all; undefined for what is routine. */
function detailOf(event: EngineEvent): string | undefined {
  switch (event.type) {
    case 'run.commanded':
      return event.command
    case 'run.errored':
    case 'step.errored':
    case 'iteration.skipped':
      return errorWords(event.error)
    case 'run.interrupted':
      return event.reason === 'budget' ? undefined : event.reason
    case 'run.changed':
      return isEnded(event.status) || event.status === 'paused' ? event.status : undefined
    case 'slice.released':
      return /superseded|state_lost/.test(event.outcome) ? event.outcome : undefined
    case 'step.started':
      return event.resumed ? undefined : ''
    case 'run.created':
    case 'run.ended':
    case 'run.noted':
    case 'slice.vanished':
    case 'step.completed':
    case 'iteration.none':
    case 'iteration.throttled':
    case 'iteration.nothing_found':
    case 'iteration.aborted':
    case 'iteration.completed':
    case 'commit.found':
    case 'lane.finished':
      return ''
    case 'run.logged':
    case 'run.resumed':
    case 'slice.claimed':
    case 'slice.started':
    case 'step.interrupted':
    case 'step.skipped':
    case 'iteration.built':
    case 'iteration.item':
    case 'iteration.page':
    case 'commit.written':
      return undefined
  }
}

/** Numbers and ids differ from one error to the next of its kind. */
function errorWords({ code, name, message }: RunError): string {
  return `${code ?? name}: ${message.replace(/[\da-f]{8,}|\d+/gi, '#')}`
}
