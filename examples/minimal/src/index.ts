import { defineIteration } from 'dogear'
import { createDogear } from 'dogear/worker'

const TABLE =
  'CREATE TABLE IF NOT EXISTS squares (number INTEGER PRIMARY KEY, square INTEGER NOT NULL)'

/** Writes the squares of the numbers to 1,000 into a table, each exactly once, whatever is killed and when. */
const squares = defineIteration({
  name: 'squares',
  unit: 'number',
  commit: { everyItems: 50 },
  async buildEnumerator({ cursor, env, enumerators }) {
    await env.DB.prepare(TABLE).run()
    return enumerators.times(1_000, { cursor })
  },
  async eachIteration(number, { effects }) {
    await scheduler.wait(5)
    effects.run('INSERT INTO squares (number, square) VALUES (?, ?)', number, number * number)
  },
})

const jobs = createDogear({
  jobs: [squares],
  // For a try only: whoever finds the Worker may use it.
  authorize: () => ({ name: 'anyone', role: 'admin' }),
})

export const { JobRun } = jobs

export default jobs.wrap({
  async fetch(_request, env) {
    const run = await jobs.start(env, squares)
    return new Response(`Started run ${run.id}; see /dogear/runs/${run.id}\n`, { status: 202 })
  },
})
