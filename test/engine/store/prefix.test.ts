import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineJob } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { sweep } from '../../../src/engine/runs/sweep.ts'
import { verifyLedger } from '../../../src/engine/runs/verify.ts'
import { append } from '../../support/jobs.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  object,
  start,
  upTo,
  view,
} from '../../support/drive.ts'
import { backToSchema, upgrade } from '../../support/older-schema.ts'

/** Stores a result, and is cut off after each second item. */
const job = defineJob({
  name: 'append-in-pairs',
  budget: { items: 2 },
  async perform({ step, effects, run }) {
    const last = await step('count', () => 6)
    await step('append', { start: 1 }, async (step) => {
      while (step.cursor <= last) {
        append(effects, run.id, step.cursor)
        await step.advance()
      }
    })
  },
})

const jobs = new Registry([job])
const beforeThePrefix = () => backToSchema('0019', (table) => table.replace(/^dogear_/, ''))
const rowsOf = async (table: string) =>
  (await env.DB.prepare(`SELECT * FROM ${table}`).all()).results

beforeAll(createTables)

describe("Dogear's own names for its tables", () => {
  let run: string

  beforeEach(async () => {
    run = await start(job, { labels: { team: 'a' } })
    await deliver(run, { jobs })
    expect(await appended(run)).toEqual(upTo(2))
    await beforeThePrefix()
  })

  it('come by a migration, and a run that is under way then goes on', async () => {
    await upgrade()
    expect(await view(run)).toMatchObject({ status: 'interrupted', progress: { done: 2 } })
    expect(await drain(run, { jobs })).toMatchObject({ status: 'completed', progress: { done: 6 } })
    expect(await appended(run)).toEqual(upTo(6))
    const proof = await verifyLedger(env.DB, run)
    expect(proof.filter(({ ok }) => !ok)).toEqual([])
    expect(await rowsOf('dogear_run_counts')).toContainEqual(
      expect.objectContaining({ job: job.name, status: 'completed', runs: 1 }),
    )
  })

  it('are all that it has in the database: no table, index or trigger has another', async () => {
    const listed = () =>
      env.DB.prepare('SELECT name, tbl_name AS ofTable FROM sqlite_schema').all<{
        name: string
        ofTable: string
      }>()
    const before = new Set((await listed()).results.map(({ name }) => name))
    await upgrade()
    const after = (await listed()).results
    expect(after.filter(({ name }) => !before.has(name)).length).toBeGreaterThan(50)
    const others = after.filter(
      ({ name, ofTable }) =>
        ofTable.startsWith('dogear_') && !/^(?:dogear_|sqlite_autoindex_dogear_)/.test(name),
    )
    expect(others).toEqual([])
  })

  it('cost a run nothing while the code of one release meets the tables of the other', async () => {
    const { n } = await driving(run)
    await deliver(run, { jobs })
    expect(await view(run)).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      attempts: 0,
    })
    // Its object sends the message that comes next when the wait is over.
    expect(await driving(run)).toMatchObject({ n: n + 1, sendAt: expect.any(Number) })
    await upgrade()
    expect(await drain(run, { jobs })).toMatchObject({ status: 'completed', attempts: 0 })
    expect(await appended(run)).toEqual(upTo(6))
  })

  it("leave the names of before to others: a user's `runs` and `customers` stay as they are", async () => {
    await upgrade()
    await env.DB.batch(
      [
        `INSERT INTO customers (id, name, region) VALUES (1, 'Ada', 'Kent')`,
        'CREATE TABLE runs (id TEXT PRIMARY KEY, status TEXT, closed_at TEXT)',
        'CREATE INDEX runs_by_status ON runs (status)',
        'CREATE TABLE ledger (run_id TEXT, amount INTEGER)',
        `INSERT INTO runs VALUES ('marathon', 'active', '2020-01-01'), ('sprint', 'failed', NULL)`,
        `INSERT INTO ledger VALUES ('${run}', 12)`,
      ].map((sql) => env.DB.prepare(sql)),
    )
    const theirs = () => Promise.all(['runs', 'ledger', 'customers'].map(rowsOf))
    const before = await theirs()
    expect(await drain(run, { jobs })).toMatchObject({ status: 'completed' })
    const swept = await sweep(env.DB, object, Date.now() + 40 * 86_400_000, 30)
    expect(swept.purged).toContain(run)
    expect(await rowsOf('dogear_ledger')).not.toContainEqual(
      expect.objectContaining({ run_id: run }),
    )
    expect(await theirs()).toEqual(before)
    await env.DB.batch(['runs', 'ledger'].map((table) => env.DB.prepare(`DROP TABLE ${table}`)))
  })
})
