import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { testBench } from '../../src/testing/index.ts'
import { createTables, stub } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const SECOND = 1_000

/** A run whose message nobody takes; `taken`: how long before its start another one was. */
async function untaken(taken: number | null | undefined) {
  const bench = testBench()
  const { id } = await bench.start(appendSteps, { items: 2 })
  const at = typeof taken === 'number' ? bench.clock.now() - taken : null
  await runInDurableObject(stub(id), (object: RunHost) => {
    object.inbox.lastTaken = () =>
      Promise.resolve(taken === undefined ? undefined : { queue: 'DOGEAR_QUEUE', at })
  })
  const waits = async (ms: number) => {
    await bench.clock.advance(ms)
    return (await bench.view(id)).attention
  }
  return { bench, id, waits }
}

describe('A message that nobody takes', () => {
  it('is told of within ten seconds, where no other one was taken either', async () => {
    const { bench, id, waits } = await untaken(null)
    expect(await waits(9 * SECOND)).toBeUndefined()
    expect(await waits(1 * SECOND)).toContain(
      "Nobody takes messages of queue 'DOGEAR_QUEUE': message 1 has waited for more than 10 s",
    )
    const done = await bench.drive(id)
    expect(done).toMatchObject({ status: 'completed' })
    expect(done.attention).toBeUndefined()
  })

  it('is told of where the last one was taken long ago', async () => {
    const { waits } = await untaken(100 * SECOND)
    expect(await waits(11 * SECOND)).toContain('queues.consumers')
  })

  it('waits in peace where others are taken: the queue is only full', async () => {
    const { waits } = await untaken(20 * SECOND)
    expect(await waits(60 * SECOND)).toBeUndefined()
  })

  it('waits in peace where nothing is known of others', async () => {
    const { waits } = await untaken(undefined)
    expect(await waits(60 * SECOND)).toBeUndefined()
  })
})
