import type {
  Check,
  Checkpoint,
  JobInfo,
  NestedSteps,
  Run,
  Skip,
  Slice,
  Verification,
} from '../../client/index.ts'
import { progressText, stateText } from './bar.ts'
import { type Paint, plain, stateColour } from './paint.ts'
import { table } from './table.ts'
import { countText, durationText, timeText, valueText } from './text.ts'
import { inert } from './inert.ts'

/** Everything the command shows a person, as text; pure, and plain unless `paint` says otherwise. */

export function checkpointText(given: Checkpoint): string {
  const checkpoint = inert(given)
  return [
    `Checkpoint for ${checkpoint.job} (run ${checkpoint.run}):`,
    ...(checkpoint.step === null ? [] : [`  Step: ${checkpoint.step}`]),
    `  Cursor: ${valueText(checkpoint.cursor)}`,
    ...nestedLines(checkpoint.nestedSteps),
    `  Resumptions: ${checkpoint.resumptions}`,
    `  Last updated: ${timeText(checkpoint.updatedAt)}`,
  ].join('\n')
}

/** A step within a step in two lines, and those within it below. */
function nestedLines(nested: NestedSteps = {}): string[] {
  return Object.entries(nested).flatMap(([step, { cursor, nestedSteps }]) => [
    `  Nested Step: ${step}`,
    `  Nested Cursor: ${valueText(cursor)}`,
    ...nestedLines(nestedSteps),
  ])
}

/** What a verification has found, a check on each line. */
export function verificationText(verification: Verification, paint = plain): string {
  return inert(verification)
    .checks.map((check) => checkLine(check, paint))
    .join('\n')
}

function checkLine({ ok, name, expected, actual }: Check, paint: Paint): string {
  if (ok) return `✅ ${name}`
  return `❌ ${paint('red', name)}: expected ${valueText(expected)}, found ${valueText(actual)}`
}

export function jobsText(jobs: readonly JobInfo[]): string {
  return table([
    ['JOB', 'STYLE', 'UNIT', 'LAST COMPLETED'],
    ...inert(jobs).map((job) => [job.name, job.style, job.unit ?? '', lastCompletedText(job)]),
  ])
}

function lastCompletedText({ lastCompletedAt, stale }: JobInfo): string {
  if (lastCompletedAt === undefined) return ''
  return `${timeText(lastCompletedAt)}${stale ? ', stale' : ''}`
}

export function runsText(runs: readonly Run[], paint = plain): string {
  if (runs.length === 0) return 'No runs.'
  return table([
    ['RUN', 'JOB', 'CREATED', 'DONE', 'STATUS'],
    ...inert(runs).map((run) => [
      run.id,
      run.job,
      timeText(run.createdAt),
      progressText(run),
      paint(stateColour(run), stateText(run)),
    ]),
  ])
}

function commitsText({ commits, pace }: Pick<Run, 'commits' | 'pace'>): string {
  if (!pace) return `${commits}`
  return `${commits}, now of ${countText(pace.items, 'item')}; the way takes ${durationText(pace.wayMs)}`
}

/** A run with all there is to know of it, on several lines. */
export function runText(given: Run, paint = plain): string {
  const run = inert(given)
  const { cost } = run
  const rows: [string, string | undefined][] = [
    ['Run:', run.id],
    ['Job:', `${run.job} (${run.style})`],
    ['Status:', paint(stateColour(run), stateText(run))],
    ['Attention:', run.attention],
    ['Progress:', progressText(run)],
    ['Step:', run.step ?? undefined],
    ['Cursor:', valueText(run.cursor)],
    ['Completed steps:', run.completedSteps.join(', ') || undefined],
    ['Params:', valueText(run.params)],
    ['Result:', run.result === undefined ? undefined : valueText(run.result)],
    ['Error:', run.error && `${run.error.message} (${run.error.code ?? run.error.name})`],
    ['Failed at:', run.error?.at && `${run.error.at.cursor} of step '${run.error.at.step}'`],
    ['Statement:', run.error?.statement],
    [
      'Slices:',
      `${run.slices} (${countText(run.interruptions, 'interruption')}, ${countText(run.resumptions, 'resumption')}, ${countText(run.attempts, 'attempt')})`,
    ],
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
    ['Code version:', run.codeVersion],
    ['Created:', timeText(run.createdAt)],
    ['Started:', run.startedAt && timeText(run.startedAt)],
    ['Updated:', timeText(run.updatedAt)],
    ['Finished:', run.finishedAt && timeText(run.finishedAt)],
    ['Parent:', run.parent],
    ['Fork of:', run.forkOf && `${run.forkOf.run}, after its commit ${run.forkOf.seq}`],
    ['Children:', run.children.join(', ') || undefined],
  ]
  return table(rows.filter((row): row is [string, string] => row[1] !== undefined))
}

export function slicesText(slices: readonly Slice[]): string {
  if (slices.length === 0) return 'No slices.'
  return table([
    ['SLICE', 'FENCE', 'STARTED', 'TOOK', 'ITEMS', 'COMMITS', 'OUTCOME'],
    ...inert(slices).map(
      ({ n, fence, startedAt, endedAt, items, commits, outcome, reason, error }) => [
        `${n}`,
        `${fence}`,
        timeText(startedAt),
        endedAt === null ? '' : durationText(Date.parse(endedAt) - Date.parse(startedAt)),
        `${items}`,
        `${commits}`,
        [outcome, reason && `(${reason})`, error?.message].filter(Boolean).join(' '),
      ],
    ),
  ])
}

export function skipsText(skips: readonly Skip[]): string {
  if (skips.length === 0) return 'No skipped items.'
  return table([
    ['STEP', 'CURSOR', 'ATTEMPTS', 'SKIPPED', 'ERROR'],
    ...inert(skips).map(({ step, cursor, attempts, skippedAt, error }) => [
      step,
      valueText(cursor),
      `${attempts}`,
      timeText(skippedAt),
      `${error.message} (${error.code ?? error.name})`,
    ]),
  ])
}
