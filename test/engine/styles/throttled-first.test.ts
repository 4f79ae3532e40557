import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import { createTables } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(async () => {
  await createTables()
  await env.DB.prepare('INSERT OR IGNORE INTO numbers VALUES (1), (2), (3)').run()
})

/** A run over rows that is throttled as long as `busy` says so, and what it has asked D1 about them. */
async function throttledRun(check: 'before' | 'after', busy: () => boolean) {
  const asked: string[] = []
  const { binding: DB } = new FaultyDatabase(env.DB, ({ sql }) => {
    asked.push(...sql.filter((text) => text.includes('SELECT id FROM numbers')))
    return undefined
  })
  const run = await runOf(
    defineIteration({
      name: 'throttled-first',
      budget: { items: 2 },
      buildEnumerator: ({ cursor, env: bindings, enumerators }) =>
        enumerators.throttle(
          enumerators.records<{ id: number }>(
            bindings.DB,
            { sql: 'SELECT id FROM numbers' },
            { cursor },
          ),
          { check, wait: '30s', throttleOn: busy },
        ),
      eachIteration: () => undefined,
    }),
  )
  return { run, asked, slice: () => run.slice({ DB }), drain: () => run.drain({ DB }) }
}

it('J150 throttled from the start, the walk within is not evaluated at all, its size included', async () => {
  const { asked, slice } = await throttledRun('before', () => true)
  expect(await slice()).toMatchObject({ status: 'interrupted', reason: 'throttle' })
  expect(await slice()).toMatchObject({ progress: { total: null } })
  expect(asked).toEqual([])
})

it('J150 and it is counted when it first gets through, once', async () => {
  let busy = true
  const { asked, slice, drain } = await throttledRun('before', () => busy)
  await slice()
  busy = false
  expect(await slice()).toMatchObject({ progress: { done: 2, total: 3 } })
  expect(await drain()).toMatchObject({ status: 'completed', progress: { done: 3, total: 3 } })
  expect(asked.filter((sql) => sql.includes('count(*)'))).toHaveLength(1)
})

it('asked after the fetching, it is counted at its start', async () => {
  const { slice } = await throttledRun('after', () => true)
  expect(await slice()).toMatchObject({ reason: 'throttle', progress: { done: 0, total: 3 } })
})
