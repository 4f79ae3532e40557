import { jobs } from './jobs'

export const { JobRun } = jobs

export default jobs.wrap({
  fetch: () => new Response('The jobs are at /dogear.\n'),
})
