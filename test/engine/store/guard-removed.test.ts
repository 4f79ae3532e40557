import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import { appended, createTables, deliver, start, upTo } from '../../support/drive.ts'
import { appendSteps } from '../../support/jobs.ts'
import { isCommit, nth } from '../../support/mortal.ts'

// The other tests only prove something if they could fail: here the guard is taken out of the schema
// (this file has a database of its own), and the same late commit that it kills elsewhere gets through.
beforeAll(async () => {
  await createTables()
  const schema = await env.DB.prepare(
    `SELECT sql FROM sqlite_master WHERE name = 'dogear_ledger'`,
  ).first<string>('sql')
  const unguarded = schema?.replace('CONSTRAINT commit_guard CHECK (held = 1)', '') ?? ''
  expect(unguarded).not.toBe(schema)
  await env.DB.batch([env.DB.prepare('DROP TABLE dogear_ledger'), env.DB.prepare(unguarded)])
})

it('shows a duplicate as soon as the commit guard is gone', async () => {
  const fails = nth(3, isCommit)
  const db: FaultyDatabase = new FaultyDatabase(env.DB, async (call) => {
    if (fails(call)) return 'late'
    if (isCommit(call)) await db.land()
    return undefined
  })
  const run = await start(appendSteps, { params: { items: 5 }, commit: { everyItems: 1 } })
  await deliver(run, { DB: db.binding })
  expect(await appended(run)).not.toEqual(upTo(5))
  expect(new Set(await appended(run))).toEqual(new Set(upTo(5)))
})
