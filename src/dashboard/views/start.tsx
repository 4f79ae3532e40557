import { useState } from 'hono/jsx/dom'
import { client, type JobInfo } from '../state/api.ts'
import { Answer } from '../parts/notice.tsx'
import { EMPTY, prefillFrom } from '../forms/prefill.ts'
import { StartForm } from '../parts/start/start-form.tsx'
import { useQuery } from '../state/query.ts'
import { go, type Route } from '../state/route.ts'
import { useMay } from '../state/session.tsx'
import { ago } from '../words/words.ts'
import { href } from '../state/base.ts'
import { Badge, RunLink } from '../parts/status.tsx'

/** Starts a run: of which job, then a form made of its params schema. */
export function StartView({ route }: { route: Route }) {
  const may = useMay()
  const jobs = useQuery('jobs', () => client.jobs())
  const name = route.parts[1]
  const from = route.query.get('from') ?? undefined
  return (
    <>
      <h1>Start a run</h1>
      {may('operator') ? null : <p class="quiet">Your role may look, but not start runs.</p>}
      <Answer of={jobs}>
        {({ jobs: all }) => {
          const job = all.find((one) => one.name === name)
          if (!may('operator') || !job) return <JobList jobs={all} />
          return (
            <>
              <label class="field job-choice">
                <span>Job</span>
                <select
                  onChange={(event: Event) =>
                    go(`/start/${(event.target as HTMLSelectElement).value}`)
                  }
                >
                  {all.map((one) => (
                    <option key={one.name} value={one.name} selected={one.name === name}>
                      {one.name}
                    </option>
                  ))}
                </select>
              </label>
              <FormFor key={`${job.name} ${from ?? ''}`} job={job} from={from} />
            </>
          )
        }}
      </Answer>
    </>
  )
}

/** The form of a job; of a run that is to be started once more with what that one had. */
function FormFor({ job, from }: { job: JobInfo; from: string | undefined }) {
  const run = useQuery(from && `run ${from}`, () => client.run(from ?? ''))
  if (from === undefined) return <StartForm job={job} prefill={EMPTY} />
  return (
    <Answer of={run}>
      {(like) =>
        like.job === job.name ? (
          <>
            <p>
              As <RunLink id={like.id} />, which stays as it is.
            </p>
            <StartForm job={job} prefill={prefillFrom(job, like)} />
          </>
        ) : (
          <p>
            <RunLink id={like.id} /> is a run of {like.job}:{' '}
            <a href={href(`/start/${like.job}?from=${like.id}`)}>start one like it</a>.
          </p>
        )
      }
    </Answer>
  )
}

function JobList({ jobs }: { jobs: readonly JobInfo[] }) {
  const [sought, setSought] = useState('')
  const found = jobs.filter((job) => fits(job, sought))
  return (
    <>
      <label class="field job-choice">
        <span>Find a job</span>
        <input
          type="search"
          value={sought}
          onInput={(event: Event) => setSought((event.target as HTMLInputElement).value)}
        />
      </label>
      {found.length === 0 ? <p class="quiet">No job fits.</p> : <JobTiles jobs={found} />}
    </>
  )
}

/** A job whose name, description or params hold what was typed, in any case. */
function fits({ name, description = '', params }: JobInfo, sought: string): boolean {
  const text = [name, description, ...Object.keys(params?.properties ?? {})].join(' ')
  return text.toLowerCase().includes(sought.trim().toLowerCase())
}

function JobTiles({ jobs }: { jobs: readonly JobInfo[] }) {
  return (
    <ul class="jobs">
      {jobs.map(({ name, description, style, unit, params, lastRun, lastCompletedAt, stale }) => (
        <li key={name}>
          <a
            href={href(`/start/${name}`)}
            class={`sheet ear tone-${lastRun ? lastRun.status : 'none'}`}
          >
            <strong>{name}</strong>
            {description === undefined ? null : <span class="small">{description}</span>}
            <span class="small quiet">
              {style === 'iteration' ? 'an iteration' : 'in steps'}, over{' '}
              {unit.replaceAll('/', ' › ')}
            </span>
            {lastCompletedAt === undefined ? null : (
              <span class="small quiet">
                last completed {ago(lastCompletedAt)}
                {stale ? ' (stale)' : ''}
              </span>
            )}
            {lastRun === undefined ? null : (
              <span class="small">
                last run <Badge tone={lastRun.status}>{lastRun.status}</Badge>{' '}
                <span class="quiet">{ago(lastRun.createdAt)}</span>
              </span>
            )}
            <span class="small quiet mono">
              {Object.keys(params?.properties ?? {}).join(', ') || 'no params'}
            </span>
          </a>
          <a class="small" href={href(`/jobs/${name}`)}>
            Its runs<span class="unseen">: {name}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}
