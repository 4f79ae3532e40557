import { expect, it } from 'vitest'
import { startFreshWorker } from './support/fresh-worker.ts'
import { eventually } from './support/wait.ts'

const DISTANCE_MS = 100
const HOP_MS = 300

it('npm run dev -- --simulate: a real Worker is as far from its database as it is asked to be', async () => {
  const SIMULATE = `d1=${DISTANCE_MS},queue=${HOP_MS},frozen`
  const worker = await startFreshWorker({ vars: { SIMULATE } })
  try {
    const { client } = worker
    await client.seed({ orders: 50 })
    const { id } = await client.start('process-orders', { commit: { everyItems: 10 } })
    const ended = async () => (await client.run(id)).finishedAt !== undefined
    await eventually('the run has ended', 60_000, ended)
    const run = await client.run(id)
    expect(run).toMatchObject({ status: 'completed', progress: { done: 50 } })
    const [created, started, finished] = [run.createdAt, run.startedAt, run.finishedAt].map((at) =>
      Date.parse(at ?? ''),
    ) as [number, number, number]
    expect(started - created).toBeGreaterThanOrEqual(HOP_MS)
    expect(run.commits).toBeGreaterThan(5)
    expect(finished - started).toBeGreaterThanOrEqual(run.commits * DISTANCE_MS)
  } finally {
    await worker.remove()
  }
})
