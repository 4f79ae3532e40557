import type { JobDetails, JobRun } from '../../client/index.ts'
import { visible } from '../../engine/plain-text.ts'
import { type Fact, facts } from './facts.ts'
import { inert } from './inert.ts'
import { idText, type Look, plainLook, sinceText } from './look.ts'
import { table } from './table.ts'
import { countText, durationText } from './text.ts'

/** The last runs in a list that is not asked to be wide. */
const RUNS_SHOWN = 10

/** A job, and how its runs do. */
export function jobText(given: JobDetails, look: Look = plainLook): string {
  const job = inert(given)
  const params = Object.keys(job.params?.properties ?? {})
    .map((name) => visible(name))
    .join(', ')
  const known: Fact[] = [
    ['Job:', `${job.name} (${job.style})`],
    ['Description:', job.description],
    ['Params:', job.params === null ? 'its validator does not say' : params || 'none'],
    ['Success:', rateText(job)],
    [
      'Usual:',
      job.usualMs === null ? 'not known before 5 have completed' : durationText(job.usualMs),
    ],
    ['Slow after:', job.slowAfterMs === null ? undefined : durationText(job.slowAfterMs)],
    [
      'Code:',
      job.codeVersions.map(({ version, runs }) => `${version} (${runs})`).join(', ') || undefined,
    ],
    [
      'Schedules:',
      job.schedules.map(({ name, cron }) => `${name} (${cron})`).join(', ') || undefined,
    ],
    ...job.errors.map(({ template, failed }): Fact => [
      'Error:',
      look.paint('red', `${template} (${countText(failed, 'run')})`),
    ]),
  ]
  const rows = job.runs.slice(0, RUNS_SHOWN).map((run) => rowOf(run, look))
  if (rows.length === 0) return `${facts(known)}\nNo runs.`
  const more = job.runs.length - rows.length
  return [
    facts(known),
    table([['RUN', 'STATUS', 'STARTED', 'TOOK', 'SKIPPED', 'CODE'], ...rows], look.columns),
    ...(more > 0 ? [`… and ${more} more: dogear runs --job ${job.name}`] : []),
  ].join('\n')
}

function rowOf({ id, status, createdAt, tookMs, skipped, codeVersion, slow }: JobRun, look: Look) {
  const took = tookMs === null ? '' : durationText(tookMs)
  return [
    idText(id, look),
    status,
    sinceText(createdAt, look),
    slow ? `${took} (slow)` : took,
    skipped === 0 ? '' : `${skipped}`,
    codeVersion,
  ]
}

function rateText({ successRate, runs }: JobDetails): string {
  if (successRate === null) return 'none has ended'
  return `${Math.round(successRate * 100)} % of the last ${countText(runs.length, 'run')}`
}
