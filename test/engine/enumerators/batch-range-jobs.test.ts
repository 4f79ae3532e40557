import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { defineIteration, type RecordQuery } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import { deliver, drain, passTime, start, upTo } from '../../support/drive.ts'
import { deliverAndDie, isCommit, nth } from '../../support/mortal.ts'
import { runOf } from '../../support/run-of.ts'

/** Adds one to each row it meets, by one statement per range: what happens twice would count two. */
const ripe: RecordQuery<object> = {
  sql: `SELECT town, number FROM parcels WHERE state = ?`,
  params: ['ripe'],
  by: ['town', 'number'],
}

function picking(name: string, change: string) {
  return defineIteration({
    name,
    unit: 'range',
    commit: { everyItems: 1 },
    buildEnumerator: ({ cursor, env: { DB }, enumerators }) =>
      enumerators.batchRanges(DB, ripe, { cursor, batchSize: 4 }),
    eachIteration: (range, { effects }) =>
      effects.run(
        `UPDATE parcels SET times = times + ?, ${change} WHERE ${range.where}`,
        1,
        ...range.params,
      ),
  })
}

/** Leaves the rows as its query finds them: whatever came twice would be counted twice. */
const job = picking('counting', 'state = state')
/** Takes them out of the query, which is the condition that two runs need. */
const exclusive = picking('picking', `state = 'picked'`)

beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare('DROP TABLE IF EXISTS parcels'),
    env.DB.prepare(
      `CREATE TABLE parcels (town TEXT, number INTEGER, state TEXT, times INTEGER DEFAULT 0, PRIMARY KEY (town, number)) WITHOUT ROWID`,
    ),
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
       INSERT INTO parcels (town, number, state) SELECT char(97 + i % 3), i, iif(i % 5 = 0, 'green', 'ripe') FROM n`,
    ),
  ])
})

/** How often each ripe row was met, and each other one. */
async function times(): Promise<{ ripe: number[]; green: number[] }> {
  const { results } = await env.DB.prepare(
    `SELECT iif(number % 5 = 0, 'green', 'ripe') AS kind, times FROM parcels WHERE number <= 40`,
  ).all<{ kind: 'ripe' | 'green'; times: number }>()
  const of = (wanted: string) =>
    results.filter(({ kind }) => kind === wanted).map((row) => row.times)
  return { ripe: of('ripe'), green: of('green') }
}

const everyRipeOnce = { ripe: upTo(32).map(() => 1), green: upTo(8).map(() => 0) }

describe('an effect over a range', () => {
  it('J100 meets each row of the query once, and no other', async () => {
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({ progress: { done: 8, total: 8 } })
    expect(await times()).toEqual(everyRipeOnce)
  })

  it.each(['lost_answer', 'never_lands', 'late'] as const)(
    'happens exactly once though every second commit has the fault %s',
    async (fault) => {
      const run = await start(job)
      let commits = 0
      const db = new FaultyDatabase(env.DB, (call) =>
        isCommit(call) && ++commits % 2 === 0 ? fault : undefined,
      )
      await drain(run, { DB: db.binding, jobs: new Registry([job]) })
      await db.land()
      expect(await times()).toEqual(everyRipeOnce)
    },
  )

  it.each(['before', 'after'] as const)(
    'happens exactly once though each slice dies %s a commit',
    async (when) => {
      const run = await start(job)
      const jobs = new Registry([job])
      for (let slice = 0; slice < 3; slice++) {
        await deliverAndDie(run, { d1: nth(2, isCommit), when }, { jobs })
        await passTime(run)
        // One that comes back between two that die: the next is not made smaller.
        await deliver(run, { jobs, wallMs: 0 })
      }
      await drain(run, { jobs })
      expect(await times()).toEqual(everyRipeOnce)
    },
  )

  it('repeats its condition: of two runs over the same rows each row is met by one', async () => {
    const runs = [await runOf(exclusive), await runOf({ ...exclusive, budget: { items: 1 } })]
    await Promise.all(runs.map((run) => run.drain()))
    expect(await times()).toEqual(everyRipeOnce)
  })

  it('also meets rows inserted ahead of its commits, and leaves out what has ceased to match', async () => {
    const run = await runOf({ ...job, budget: { items: 1 } })
    await run.slice()
    // Town b lies ahead; a parcel of it is inserted, and another is picked by somebody else.
    await env.DB.batch([
      env.DB.prepare(`INSERT INTO parcels (town, number, state) VALUES ('b', 0, 'ripe')`),
      env.DB.prepare(`UPDATE parcels SET state = 'picked' WHERE town = 'b' AND number = 1`),
    ])
    await run.drain()
    const { results } = await env.DB.prepare(
      `SELECT number, times FROM parcels WHERE town = 'b' AND number < 7 ORDER BY number`,
    ).all()
    expect(results).toEqual([
      { number: 0, times: 1 },
      { number: 1, times: 0 },
      { number: 4, times: 1 },
    ])
  })
})
