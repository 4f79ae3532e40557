import type {
  Check,
  Checkpoint,
  JobInfo,
  NestedSteps,
  Skip,
  SkipGroups,
  Slice,
  Verification,
} from '../../client/index.ts'
import { count } from '../../sentences/figures.ts'
import { isWide, type Look, plainLook, sinceText } from './look.ts'
import { type Paint, plain } from './paint.ts'
import { table } from './table.ts'
import { durationText, timeText, valueText } from './text.ts'
import { inert } from './inert.ts'

/** What the command shows a person of a run's parts, as text; pure, and plain unless told otherwise. */

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

export function jobsText(jobs: readonly JobInfo[], look = plainLook): string {
  const rows = inert(jobs).map((job) => [
    job.name,
    job.style,
    job.unit ?? '',
    lastCompletedText(job, look),
  ])
  return table([['JOB', 'STYLE', 'UNIT', 'LAST COMPLETED'], ...rows], look.columns)
}

function lastCompletedText({ lastCompletedAt, stale }: JobInfo, look: Look): string {
  if (lastCompletedAt === undefined) return ''
  const when = sinceText(lastCompletedAt, look)
  return `${isWide(look) ? when : `${when} ago`}${stale ? ', stale' : ''}`
}

export function slicesText(
  { slices, total }: { slices: readonly Slice[]; total: number },
  { columns } = plainLook,
): string {
  if (slices.length === 0) return 'No slices.'
  const all = slices.length < total ? `${count(slices.length)} of ${count(total)} slices:\n` : ''
  const rows = inert(slices).map(
    ({ n, fence, startedAt, endedAt, items, commits, outcome, reason, error }) => [
      `${n}`,
      `${fence}`,
      timeText(startedAt),
      endedAt === null ? '' : durationText(Date.parse(endedAt) - Date.parse(startedAt)),
      `${items}`,
      `${commits}`,
      [outcome, reason && `(${reason})`, error?.message].filter(Boolean).join(' '),
    ],
  )
  const head = ['SLICE', 'FENCE', 'STARTED', 'TOOK', 'ITEMS', 'COMMITS', 'OUTCOME']
  return all + table([head, ...rows], columns)
}

export function skipGroupsText(given: SkipGroups, look = plainLook): string {
  const { groups, others, skipped } = inert(given)
  if (skipped === 0) return 'No skipped items.'
  const rows = groups.map(({ id, error, skips, firstAt, lastAt }) => [
    id,
    `${skips}`,
    sinceText(firstAt, look),
    sinceText(lastAt, look),
    `${error.group?.template ?? error.message} (${error.code ?? error.name})`,
  ])
  const more = others === 0 ? [] : [['', `${others}`, '', '', 'others']]
  return table([['GROUP', 'ITEMS', 'FIRST', 'LAST', 'ERROR'], ...rows, ...more], look.columns)
}

export function skipsText(skips: readonly Skip[], look = plainLook): string {
  if (skips.length === 0) return 'No skipped items.'
  const rows = inert(skips).map(({ step, cursor, attempts, skippedAt, error, by }) => [
    step,
    valueText(cursor),
    `${attempts}`,
    sinceText(skippedAt, look),
    `${error.message} (${error.code ?? error.name})${by === undefined ? '' : `; ${by} asked for it`}`,
  ])
  const when = isWide(look) ? 'SKIPPED' : 'AGE'
  return table([['STEP', 'CURSOR', 'ATTEMPTS', when, 'ERROR'], ...rows], look.columns)
}
