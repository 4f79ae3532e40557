import type { Check, Checkpoint, JobInfo, NestedSteps, Run, Snapshot, Verification } from './api.ts'
import { progressText, stateText } from './bar.ts'
import { timeText, valueText } from './text.ts'

/** Everything the command shows a person, as text; pure, and plain unless `paint` says otherwise. */
export type Colour = 'green' | 'red' | 'yellow' | 'cyan'
export type Paint = (colour: Colour, text: string) => string
export const plain: Paint = (_colour, text) => text

export function checkpointText(checkpoint: Checkpoint): string {
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

export function verificationText(verification: Verification, paint = plain): string {
  return verification.checks.map((check) => checkLine(check, paint)).join('\n')
}

function checkLine({ ok, name, expected, actual }: Check, paint: Paint): string {
  if (ok) return `✅ ${name}`
  return `❌ ${paint('red', name)}: expected ${valueText(expected)}, found ${valueText(actual)}`
}

export function snapshotText(snapshot: Snapshot): string {
  const { orders, failures } = snapshot
  return table([
    [
      'Orders:',
      `Total: ${orders.total} | Pending: ${orders.pending} | Processed: ${orders.processed} | Failed: ${orders.failed}`,
    ],
    [
      'Failures:',
      `cancelled: ${failures.cancelled} | non-positive total: ${failures.non_positive_total}`,
    ],
    ['Processed total:', (snapshot.processedTotalCents / 100).toFixed(2)],
    [
      'Customers:',
      `${snapshot.customers} in ${snapshot.regions} regions, ${orders.guest} guest orders`,
    ],
    ['Order lines:', `${snapshot.lines}`],
    ['Processing log:', `${snapshot.logRows} rows, ${snapshot.duplicates} duplicates`],
  ])
}

export function jobsText(jobs: readonly JobInfo[]): string {
  return table([
    ['JOB', 'STYLE', 'UNIT'],
    ...jobs.map((job) => [job.name, job.style, job.unit ?? '']),
  ])
}

export function runsText(runs: readonly Run[], paint = plain): string {
  if (runs.length === 0) return 'No runs.'
  return table([
    ['RUN', 'JOB', 'CREATED', 'DONE', 'STATUS'],
    ...runs.map((run) => [
      run.id,
      run.job,
      timeText(run.createdAt),
      progressText(run),
      paint(stateColour(run), stateText(run)),
    ]),
  ])
}

export function runText(run: Run, paint = plain): string {
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
    [
      'Slices:',
      `${run.slices} (${run.interruptions} interruptions, ${run.resumptions} resumptions, ${run.attempts} attempts)`,
    ],
    ['Commits:', `${run.commits}`],
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
    ['Children:', run.children.join(', ') || undefined],
  ]
  return table(rows.filter((row): row is [string, string] => row[1] !== undefined))
}

function stateColour({ status }: Run): Colour {
  if (status === 'completed') return 'green'
  if (status === 'failed' || status === 'cancelled') return 'red'
  return status === 'running' ? 'cyan' : 'yellow'
}

/** Columns as wide as their widest cell. Only a last cell may be painted: the others are measured. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (max, row) => row.map((cell, i) => Math.max(cell.length, max[i] ?? 0)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
