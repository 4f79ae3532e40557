import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { testBench } from '../../../src/testing/index.ts'
import { createTables, start, view } from '../../support/drive.ts'
import { appendIteration } from '../../support/jobs.ts'
import { call } from '../../support/api.ts'

beforeAll(createTables)

it('a run shows how large its commits are, and how long the way to the database is', async () => {
  const bench = testBench({ simulate: { d1: 40, frozen: true } })
  const run = await bench.runInline(appendIteration, { items: 12_000 })
  expect(run).toMatchObject({ status: 'completed', progress: { done: 12_000 } })
  expect(run.pace?.items).toBeGreaterThan(1_000)
  expect(run.pace?.wayMs).toBeGreaterThanOrEqual(30)
  expect(run.pace?.wayMs).toBeLessThanOrEqual(90)
  expect(run.commits).toBeLessThan(20)
  const { results } = await env.DB.prepare('SELECT count(*) AS n FROM appended WHERE run_id = ?')
    .bind(run.id)
    .all()
  // And one that `onComplete` adds.
  expect(results).toEqual([{ n: 12_001 }])
})

it('one that has committed nothing shows none', async () => {
  const run = await start(appendIteration, { params: { items: 1 } })
  expect(await view(run)).not.toHaveProperty('pace')
  const { json } = await call('GET', `/api/runs/${run}`)
  expect(json).not.toHaveProperty('pace')
})
