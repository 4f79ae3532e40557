import type { EngineEvent } from '../engine/events.ts'
export { EVENT_KINDS, isOfKind, type EventKind } from '../engine/event-kinds.ts'
import { tellsOfError } from '../engine/event-kinds.ts'
import { count, cursorWords, duration } from './figures.ts'

/** The colour that an event is marked by: that of a status. */
export function toneOf(event: EngineEvent): string {
  const { type } = event
  if (type === 'run.ended') return event.status
  if (tellsOfError(event)) return 'failed'
  if (/interrupted|throttled|commanded|noted/.test(type)) return 'interrupted'
  if (/(?:completed|finished)$/.test(type)) return 'completed'
  if (/started|resumed|claimed/.test(type)) return 'running'
  return 'queued'
}

/** Events of one subject: what their names begin with. */
type Of<Subject extends string> = Extract<EngineEvent, { type: `${Subject}.${string}` }>

/** An event as a sentence, for people who watch. */
export function eventWords(event: EngineEvent): string {
  // A Worker that is newer than this code may have more events.
  const words = knownWords(event) ?? event.type
  return event.lane === undefined ? words : `Lane ${event.lane}: ${words}`
}

function knownWords(event: EngineEvent): string | undefined {
  if (isOf(event, 'run')) return runWords(event)
  if (isOf(event, 'slice')) return sliceWords(event)
  if (isOf(event, 'step')) return stepWords(event)
  if (isOf(event, 'iteration')) return iterationWords(event)
  if (isOf(event, 'lane')) return 'The lane has come to its end'
  return commitWords(event)
}

function isOf<Subject extends string>(event: EngineEvent, subject: Subject): event is Of<Subject> {
  return event.type.startsWith(`${subject}.`)
}

function runWords(event: Of<'run'>): string {
  switch (event.type) {
    case 'run.created':
      return event.parent ? 'Created as a follow-up run' : 'Created'
    case 'run.commanded':
      return `${event.by ?? 'Somebody'} asked: ${event.command}${event.hold ? ', and hold' : ''}${event.now ? ', at once' : ''}${event.passOver === undefined ? '' : `, passing over ${event.passOver}`}`
    case 'run.changed':
      return `Now ${event.status}${event.held ? ', held' : event.reason ? ` (${event.reason})` : ''}`
    case 'run.noted':
      return event.attention === null
        ? 'What needed a look is over'
        : `Needs a look: ${event.attention}`
    case 'run.logged':
      return event.message
    case 'run.resumed':
      return `Goes on ${event.description}`
    case 'run.interrupted':
      return `Interrupted ${event.description}, because of ${event.reason}${whyWords(event)}`
    case 'run.errored':
      return `Error ${event.description}: ${event.error.message}${event.willRetry ? '; will be tried again' : ''}`
    case 'run.ended':
      return `Ended: ${event.status}, after ${duration(event.totalTimeMs)} of work`
  }
}

function sliceWords(event: Of<'slice'>): string {
  switch (event.type) {
    case 'slice.claimed':
      return `A slice claimed the run, at ${count(event.done)} items`
    case 'slice.started':
      return `Slice began${event.queueLagMs === undefined ? '' : ` after ${duration(event.queueLagMs)} in the queue`}`
    case 'slice.vanished':
      return 'Slice vanished: its lease ran out before it said anything'
    case 'slice.released':
      return `Slice ended${endWords(event)}`
  }
}

function stepWords(event: Of<'step'>): string {
  switch (event.type) {
    case 'step.started':
      return `Step ${nameOf(event)} ${event.resumed ? 'goes on' : 'began'}${at(event.cursor)}`
    case 'step.skipped':
      return `Step ${nameOf(event)} is done already`
    case 'step.completed':
      return `Step ${nameOf(event)} is done, after ${duration(event.durationMs)}`
    case 'step.interrupted':
      return `Step ${nameOf(event)} stopped${at(event.cursor)}`
    case 'step.errored':
      return `Step ${nameOf(event)} failed${at(event.cursor)}: ${event.error.message}`
  }
}

function iterationWords(event: Of<'iteration'>): string {
  switch (event.type) {
    case 'iteration.built':
      return `The walk begins${at(event.cursor)}`
    case 'iteration.none':
      return 'There is nothing to walk'
    case 'iteration.page':
      return `A page of ${count(event.rows)} items, after ${duration(event.durationMs)}`
    case 'iteration.item':
      return `Item done${at(event.cursor)}`
    case 'iteration.skipped':
      return `Item passed over${at(event.cursor)}${event.by === undefined ? '' : `, as ${event.by} asked`}: ${event.error.message}`
    case 'iteration.throttled':
      return `Throttled${at(event.cursor)}${forWords(event)}`
    case 'iteration.nothing_found':
      return `Nothing was found${at(event.cursor)}`
    case 'iteration.aborted':
      return `The job ended its own walk${at(event.cursor)}`
    case 'iteration.completed':
      return 'The walk has come to its end'
  }
}

function commitWords(event: Of<'commit'>): string {
  switch (event.type) {
    case 'commit.written':
      return `Commit ${event.seq} of ${count(event.items)} items`
    case 'commit.found':
      return `${count(event.commits)} commits had landed after all, whose answers were lost`
  }
}

function forWords(event: { waitMs?: number; why?: string }): string {
  const time = event.waitMs === undefined ? '' : `, for ${duration(event.waitMs)}`
  return `${time}${whyWords(event)}`
}

function whyWords({ why }: { why?: string }): string {
  return why === undefined ? '' : `: ${why}`
}

function endWords({
  outcome,
  reason,
  durationMs,
  commits,
}: Extract<EngineEvent, { type: 'slice.released' }>): string {
  const why = reason ?? (outcome === 'ended' ? '' : outcome)
  return [
    why === '' ? '' : `: ${why}`,
    durationMs === undefined ? '' : `, after ${duration(durationMs)}`,
    commits === undefined
      ? ''
      : `, with ${commits === 1 ? 'one commit' : `${count(commits)} commits`}`,
  ].join('')
}

function nameOf({ step, within = [] }: { step: string; within?: readonly string[] }): string {
  return [...within, step].join(' › ')
}

function at(cursor: unknown): string {
  const words = cursorWords(cursor)
  return words === '' ? '' : ` at ${words}`
}
