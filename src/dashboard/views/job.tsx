import { Group } from '../parts/errors/group-list.tsx'
import { JobBars } from '../parts/job/job-bars.tsx'
import { JobFacts } from '../parts/job/job-facts.tsx'
import { Answer } from '../parts/notice.tsx'
import { Schedules } from '../parts/overview/schedules.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { client, type JobDetails } from '../state/api.ts'
import { href } from '../state/base.ts'
import { type Query, useQuery } from '../state/query.ts'
import { useMay } from '../state/session.tsx'
import { useTitle } from '../state/title.ts'

const EVERY_MS = 5_000

/** One job: what it does, how its last runs did, and what it is in the way of. */
export function JobView({ name }: { name: string }) {
  const job = useQuery(`job ${name}`, () => client.job(name), EVERY_MS)
  const may = useMay()
  useTitle([name, 'jobs'])
  return (
    <>
      <div class="head">
        <h1>{name}</h1>
        {may('operator') ? (
          <a class="button primary" href={href(`/start/${encodeURIComponent(name)}`)}>
            Start a run
          </a>
        ) : null}
      </div>
      <Answer of={job}>{(details) => <Job job={details} query={job} />}</Answer>
    </>
  )
}

function Job({ job, query }: { job: JobDetails; query: Query<JobDetails> }) {
  return (
    <>
      {job.description === undefined ? null : <p>{job.description}</p>}
      <Sheet id="last-runs" title="Last runs">
        <JobBars job={job} />
      </Sheet>
      <div class="split">
        <div class="stack">
          {job.errors.length === 0 ? null : (
            <Sheet id="errors" title="Open errors">
              <ul class="list">
                {job.errors.map((group) => (
                  <li key={group.id}>
                    <Group group={group} onDone={query.again} />
                  </li>
                ))}
              </ul>
            </Sheet>
          )}
          <Sheet id="schedules" title="Schedules">
            <Schedules schedules={job.schedules} onDone={query.again} />
          </Sheet>
        </div>
        <Sheet id="about" title="About this job">
          <JobFacts job={job} />
        </Sheet>
      </div>
    </>
  )
}
