import { describe, expect, it } from 'vitest'
import { rowsIn } from '../support/local-d1.ts'
import { ExampleFolder } from './example-folder.ts'

/** Production, to a stranger's Worker: 30 ms to D1, a clock that stands still, the platform's limits. */
const SIMULATE =
  'SIMULATE="d1=30,object=10,queue=50,jitter=0.2,frozen,statements=1000,connections=6"\n'

const JOBS = `import { defineIteration, setStatement } from 'dogear'
import { createDogear } from 'dogear/worker'

const TABLE =
  'CREATE TABLE IF NOT EXISTS squares (number INTEGER PRIMARY KEY, square INTEGER NOT NULL)'

const insert = setStatement<{ number: number; square: number }>(
  \`INSERT INTO squares (number, square)
   SELECT value ->> 'number', value ->> 'square' FROM json_each(?1)\`,
)

const squares = defineIteration({
  name: 'squares',
  async buildEnumerator({ cursor, env, enumerators }) {
    await env.DB.prepare(TABLE).run()
    return enumerators.times(20_000, { cursor })
  },
  async eachIteration(number, { effects }) {
    effects.add(insert, { number, square: number * number })
  },
})

export const jobs = createDogear({ jobs: [squares] })
`

const INDEX = `import { simulatedObject, simulatedWorker } from 'dogear/testing/simulator'
import { jobs } from './jobs'

export class JobRun extends simulatedObject(jobs.JobRun) {}

export default simulatedWorker(jobs.wrap({}))
`

describe.each(['with a queue', 'without'] as const)('A stranger’s Worker, %s', (queue) => {
  it('far from its database writes twenty thousand rows in few commits', async () => {
    const folder = await ExampleFolder.of('templates/starter')
    if (queue === 'without') folder.edit('wrangler.jsonc', /"queues": \{[^]*?\n {2}\},/, '')
    folder.write('.dev.vars', SIMULATE)
    folder.write('src/jobs.ts', JOBS)
    folder.write('src/index.ts', INDEX)
    await folder.dev()
    const { code, output } = await folder.dogear('run', 'squares', '--wait')
    expect(code, output).toBe(0)
    const { progress, commits, pace } = await folder.newest()
    expect(progress.done).toBe(20_000)
    expect(commits).toBeLessThan(60)
    // The distance was there: the run has felt it.
    expect(pace?.wayMs).toBeGreaterThan(20)
    const verified = await folder.dogear('verify', 'last')
    expect(verified.code, verified.output).toBe(0)
    const sql = 'SELECT count(*) AS rows, sum(square) AS sum FROM squares'
    expect(rowsIn(folder.path, sql)).toEqual([[{ rows: 20_000, sum: 2_666_466_670_000 }]])
  })
})
