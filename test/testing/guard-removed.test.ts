import { env } from 'cloudflare:workers'
import { beforeAll, expect, it, vi } from 'vitest'
import { exploreCrashes } from '../../src/testing/index.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

// An exploration is a hundred runs.
vi.setConfig({ testTimeout: 120_000 })

// An exploration only proves something if it could fail: here the commit guard is taken out of the
// schema (this file has a database of its own).
beforeAll(async () => {
  await createTables()
  const schema = await env.DB.prepare(
    `SELECT sql FROM sqlite_master WHERE name = 'dogear_ledger'`,
  ).first<string>('sql')
  const unguarded = schema?.replace('CONSTRAINT commit_guard CHECK (held = 1)', '') ?? ''
  expect(unguarded).not.toBe(schema)
  await env.DB.batch([env.DB.prepare('DROP TABLE dogear_ledger'), env.DB.prepare(unguarded)])
})

const experiment = {
  params: { items: 5 },
  given: () => env.DB.prepare('DELETE FROM appended').run(),
  then: async () => (await env.DB.prepare('SELECT item FROM appended ORDER BY item').all()).results,
}

it('exploreCrashes finds the late commit that a missing guard lets through', async () => {
  const explored = exploreCrashes(appendSteps, experiment)
  await expect(explored).rejects.toMatchObject({
    code: 'crash_changed_outcome',
    schedule: [expect.stringMatching(/^commit 2 meets a network error, and lands late/)],
    replay: 'commit:2:late',
  })
})

it('and the commit of a slice that wakes up after it was taken for dead', async () => {
  const replay = 'commit:2:zombie'
  await expect(exploreCrashes(appendSteps, { ...experiment, replay })).rejects.toMatchObject({
    code: 'crash_changed_outcome',
    schedule: [
      'the slice is taken for dead before commit 2, and makes it after its successor has committed',
    ],
  })
})
