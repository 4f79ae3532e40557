import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { defineIteration } from '../../src/engine/index.ts'
import { bench, createTables, object, stub } from '../support/drive.ts'
import { TIMES } from '../support/times.ts'

beforeAll(createTables)

/** What is kept of ten times as many, as `npm run test:long` has them, is the same. */
const SLICES = 300 * TIMES
const ITEMS = 3 * SLICES

const inSlices = defineIteration({
  name: 'in-many-slices',
  budget: { items: 3 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(ITEMS, { cursor }),
  eachIteration(index, { run }) {
    if (index % 3 === 0) run.log('another three', { index })
  },
})

it(`a run of ${SLICES} slices remembers its whole course, in little room`, async () => {
  const { id } = await bench.start(inSlices)
  let run = await bench.view(id)
  while (run.finishedAt === undefined) run = await bench.deliver(id)
  expect(run).toMatchObject({ status: 'completed', progress: { done: ITEMS } })

  const { bytes } = await runInDurableObject(stub(id), (_instance: RunHost, { storage }) => ({
    bytes: storage.sql.databaseSize,
  }))
  expect(bytes).toBeLessThan(2_500_000)

  const { stretches } = await object(id).stretches()
  const sum = (name: 'items' | 'slices') => stretches.reduce((all, one) => all + one[name], 0)
  expect(stretches.length).toBeLessThanOrEqual(513)
  expect(sum('items')).toBe(ITEMS)
  expect(sum('slices')).toBe(run.slices)

  const { events, total, leftOut } = await object(id).history({ limit: 10_000 })
  expect(events.length).toBeLessThan(1_200)
  expect(events.at(-1)?.event.type).toBe('run.created')
  expect(events.length + (leftOut[0]?.count ?? 0)).toBe(total)
  expect(total).toBeGreaterThan(7 * SLICES)

  // What a run costs in D1 does not grow by what it remembers.
  const { results } = await env.DB.prepare(
    'SELECT count(*) AS runs FROM dogear_runs WHERE id = ? UNION ALL SELECT count(*) FROM dogear_lanes WHERE run_id = ?',
  )
    .bind(id, id)
    .all<{ runs: number }>()
  expect(results.map(({ runs }) => runs)).toEqual([1, 1])
  const ledger = await env.DB.prepare('SELECT count(*) AS rows FROM dogear_ledger WHERE run_id = ?')
    .bind(id)
    .first<number>('rows')
  // oxlint-disable-next-line no-console -- the figures of docs/guide/limits-and-costs.md
  console.log(
    `${run.slices} slices: the object has ${bytes} bytes, ${events.length} of ${total} events, ${stretches.length} stretches; ledger rows: ${ledger}, commits: ${run.commits}`,
  )
  const lines = await bench.objects(id).logs({ limit: 1 })
  expect(lines.total).toBeGreaterThanOrEqual(SLICES)
}, 600_000)
