import type { Run } from '../../client/index.ts'
import type { RunError } from '../../engine/errors.ts'
import { progressText, stateText } from './bar.ts'
import { type Fact, facts, whole } from './facts.ts'
import { inert } from './inert.ts'
import { lanesText } from './lanes-text.ts'
import { plain, stateColour } from './paint.ts'
import { countText, durationText, timeText, valueText } from './text.ts'

/** A run with all there is to know of it, on several lines. */
export function runText(given: Run, paint = plain): string {
  const run = inert(given)
  return facts([
    ['Run:', run.id],
    ['Job:', `${run.job} (${run.style})`],
    ['Status:', paint(stateColour(run), stateText(run))],
    ['Attention:', run.attention],
    ['Progress:', progressText(run)],
    ['Lanes:', lanesText(run)],
    ['Step:', run.step ?? undefined],
    ['Cursor:', valueText(run.cursor)],
    ['Completed steps:', run.completedSteps.join(', ') || undefined],
    ['Params:', valueText(run.params)],
    ['Labels:', labelsText(run)],
    ['Result:', run.result === undefined ? undefined : valueText(run.result)],
    ...errorFacts(given.error),
    ...costFacts(run),
    ['Code version:', run.codeVersion],
    ['Created:', timeText(run.createdAt)],
    ['Started:', run.startedAt && timeText(run.startedAt)],
    ['Updated:', timeText(run.updatedAt)],
    ['Finished:', run.finishedAt && timeText(run.finishedAt)],
    ['Parent:', run.parent],
    ['Schedule:', run.schedule && scheduleText(run.schedule)],
    ['Fork of:', run.forkOf && `${run.forkOf.run}, after its commit ${run.forkOf.seq}`],
    ['Children:', run.children.join(', ') || undefined],
  ])
}

function scheduleText({ name, tick }: NonNullable<Run['schedule']>): string {
  return `${name}, ${tick === null ? 'by hand' : `tick of ${timeText(tick)}`}`
}

function labelsText({ labels = {} }: Run): string | undefined {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}:${value}`)
  return pairs.length === 0 ? undefined : pairs.join(', ')
}

/** An error keeps its lines: this is where one reads all of it. */
function errorFacts(error: RunError | undefined): Fact[] {
  if (error === undefined) return []
  const { at, statement, cause, group } = error
  return [
    ['Error:', errorText(error)],
    ['Cause:', cause && errorText(cause)],
    ['Failed at:', at && whole(`${at.cursor} of step '${at.step}'`)],
    ['Statement:', statement && whole(statement)],
    ['Error group:', group && whole(`${group.id}; see dogear errors ${group.id.slice(0, 8)}`)],
  ]
}

function errorText({ message, code, name }: RunError): string {
  return whole(`${message} (${code ?? name})`)
}

function costFacts(run: Run): Fact[] {
  const { cost } = run
  const counts = [
    countText(run.interruptions, 'interruption'),
    countText(run.resumptions, 'resumption'),
    countText(run.attempts, 'attempt'),
  ]
  return [
    ['Slices:', `${run.slices} (${counts.join(', ')})`],
    ['Worked:', durationText(run.workedMs)],
    ['Commits:', commitsText(run)],
    [
      'D1:',
      `${cost.d1Statements} statements, ${cost.d1RowsRead} rows read, ${cost.d1RowsWritten} rows written`,
    ],
    [
      'Operations:',
      `${cost.queueOperations} queue, ${cost.durableObjectRequests} Durable Object requests`,
    ],
  ]
}

function commitsText({ commits, pace }: Pick<Run, 'commits' | 'pace'>): string {
  if (!pace) return `${commits}`
  return `${commits}, now of ${countText(pace.items, 'item')}; the way takes ${durationText(pace.wayMs)}`
}
