import { env } from 'cloudflare:workers'
import { beforeAll, expect, it, vi } from 'vitest'
import { exploreCrashes } from '../../src/testing/index.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

vi.setConfig({ testTimeout: 120_000 })
beforeAll(createTables)

/** D1 whose commits do not ask which raise holds the lane. */
const DB = new Proxy(env.DB, {
  get(db, property) {
    const value: unknown = Reflect.get(db, property)
    if (property === 'prepare') {
      return (sql: string) => db.prepare(sql.replace('dogear_lanes.token = ?13', '?13 IS NOT NULL'))
    }
    return typeof value === 'function' ? (value.bind(db) as unknown) : value
  },
})

const experiment = {
  params: { items: 5 },
  given: () => env.DB.prepare('DELETE FROM appended').run(),
  then: async () => (await env.DB.prepare('SELECT item FROM appended ORDER BY item').all()).results,
}

// The late commit fits again, since the lane has come to the same seq a second time.
const replay = 'commit:2:late+raise:2:put_back:commit:1'

it('D1 that is put back and a late commit do no harm together', async () => {
  const explored = await exploreCrashes(appendSteps, { ...experiment, replay })
  expect(explored).toMatchObject({ schedules: 1, unmet: [] })
})

it('exploreCrashes finds what a missing token lets through', async () => {
  const explored = exploreCrashes(appendSteps, { ...experiment, env: { ...env, DB }, replay })
  await expect(explored).rejects.toMatchObject({
    code: 'crash_changed_outcome',
    schedule: [
      expect.stringMatching(/^commit 2 meets a network error, and lands late/),
      'D1 is put back before raise 2, to what it was before commit 1',
    ],
  })
})
