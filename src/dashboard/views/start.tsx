import { client, type JobInfo } from '../state/api.ts'
import { Answer } from '../parts/notice.tsx'
import { StartForm } from '../parts/start/start-form.tsx'
import { useQuery } from '../state/query.ts'
import { go, type Route } from '../state/route.ts'
import { useMay } from '../state/session.tsx'
import { ago } from '../words/words.ts'
import { href } from '../state/base.ts'

/** Starts a run: of which job, then a form made of its params schema. */
export function StartView({ route }: { route: Route }) {
  const may = useMay()
  const jobs = useQuery('jobs', () => client.jobs())
  const name = route.parts[1]
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
              <StartForm key={job.name} job={job} />
            </>
          )
        }}
      </Answer>
    </>
  )
}

function JobList({ jobs }: { jobs: readonly JobInfo[] }) {
  return (
    <ul class="jobs">
      {jobs.map(({ name, style, unit, params, lastCompletedAt, stale }) => (
        <li key={name}>
          <a href={href(`/start/${name}`)} class="sheet ear tone-completed">
            <strong>{name}</strong>
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
            <span class="small quiet mono">
              {Object.keys(params?.properties ?? {}).join(', ') || 'no params'}
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}
