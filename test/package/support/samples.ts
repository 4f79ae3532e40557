/** A job, and the Worker of whoever has nothing else. */
export const JOBS = `import { defineIteration } from 'dogear'
import { createDogear } from 'dogear/worker'

export const hello = defineIteration({
  name: 'hello',
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(1_000, { cursor }),
  eachIteration: () => {},
})
export const jobs = createDogear({ jobs: [hello] })
`

export const WORKER = `import { jobs } from './jobs'

export const { JobRun } = jobs
export default jobs.wrap({ fetch: () => new Response('mine') })
`

/** The same without API and page, in one file. */
export const HEADLESS =
  JOBS.replace('dogear/worker', 'dogear/headless').replaceAll('export ', '') +
  WORKER.split('\n').slice(1).join('\n')

/** One use of each face that a Worker may import. */
export const FACES = `import * as api from 'dogear/api'
import * as schemas from 'dogear/api/schemas'
import * as cli from 'dogear/cli'
import * as client from 'dogear/client'
import * as csv from 'dogear/csv'
import * as headless from 'dogear/headless'
import * as monitoring from 'dogear/monitoring'
import * as runs from 'dogear/runs'
import * as schedules from 'dogear/schedules'
import * as webhooks from 'dogear/webhooks'

export const faces = [api, schemas, cli, client, csv, headless, monitoring, runs, schedules, webhooks]
`

export const TESTS = `import * as testing from 'dogear/testing'
import * as simulator from 'dogear/testing/simulator'

export const faces = [testing, simulator]
`

export const CONFIG = JSON.stringify({
  name: 'host',
  main: 'src/index.ts',
  compatibility_date: '2026-11-01',
  d1_databases: [{ binding: 'DB', database_name: 'host', database_id: '1' }],
  durable_objects: { bindings: [{ name: 'DOGEAR_RUNS', class_name: 'JobRun' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['JobRun'] }],
  queues: {
    producers: [{ binding: 'DOGEAR_QUEUE', queue: 'host-dogear' }],
    // Without one a run waits 10 s, until its object works its slices itself.
    consumers: [{ queue: 'host-dogear', max_batch_size: 10, max_batch_timeout: 0 }],
  },
})
