import type { Child } from 'hono/jsx'
import type { JobDetails } from '../../state/api.ts'
import { count, duration } from '../../words/words.ts'
import { Facts } from '../facts.tsx'
import { When } from '../status.tsx'

/** The facts about a job. */
export function JobFacts({ job }: { job: JobDetails }) {
  const { successRate, usualMs, slowAfterMs, runs, codeVersions, lastCompletedAt } = job
  const facts: [string, Child][] = [
    ['Style', job.style === 'iteration' ? 'an iteration' : 'in steps'],
    [
      'Success',
      successRate === null
        ? 'none has ended'
        : `${Math.round(successRate * 100)} % of the last ${count(runs.length)}`,
    ],
    ['Usual duration', usualMs === null ? 'not known before 5 have completed' : duration(usualMs)],
    ...(slowAfterMs === null
      ? []
      : [['Slower than usual', `after ${duration(slowAfterMs)}`] as [string, Child]]),
    ...(lastCompletedAt === undefined
      ? []
      : [['Last completed', <When at={lastCompletedAt} />] as [string, Child]]),
    [
      codeVersions.length === 1 ? 'Code' : 'Code versions',
      <span>
        {codeVersions.map(({ version, runs: of }) => (
          <div key={version}>
            <code>{version}</code> <span class="quiet small">{count(of)}</span>
          </div>
        ))}
      </span>,
    ],
    [
      'Params',
      <span class="mono">
        {job.params === null
          ? 'its validator does not say'
          : Object.keys(job.params.properties ?? {}).join(', ') || 'none'}
      </span>,
    ],
  ]
  return <Facts of={facts} look="pairs" />
}
