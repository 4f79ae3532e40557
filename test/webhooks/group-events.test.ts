import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, type RunView } from '../../src/engine/index.ts'
import { dismissErrorGroup, muteErrorGroup, tendErrorGroups } from '../../src/monitoring/index.ts'
import { testBench, type TestBench } from '../../src/testing/index.ts'
import { deliverWebhooks, tendOutbox, type DeliveryDeps } from '../../src/webhooks/index.ts'
import { createTables } from '../support/drive.ts'
import { Receiver } from '../support/receiver.ts'

const HOUR = 3_600_000
const all = {
  name: 'all',
  url: 'https://hooks.example/in',
  secret: `whsec_${btoa('a secret of twenty-four bytes or more')}`,
}
/** Names the ends of runs, and so hears of each. */
const ends = { ...all, events: ['run.completed', 'run.failed'] }

let broken = true
let bench: TestBench
let receiver: Receiver

const refused = defineJob({
  name: 'refused',
  params: z.object({ order: z.number() }),
  retry: { attempts: 1 },
  async perform({ step, params }) {
    await step('work', () => {
      if (broken) throw new Error(`order ${params.order} is refused`)
    })
  },
})
const other = defineJob({
  name: 'another-job',
  retry: { attempts: 1 },
  async perform({ step }) {
    await step('work', () => {
      throw new Error('the partner is gone')
    })
  },
})

beforeAll(createTables)
beforeEach(async () => {
  broken = true
  await env.DB.batch(
    [
      'dogear_runs',
      'dogear_lanes',
      'dogear_error_groups',
      'dogear_alerts',
      'dogear_webhook_events',
      'dogear_webhook_deliveries',
    ].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
  bench = testBench({ jobs: [refused, other] })
  receiver = new Receiver()
})

function deps(endpoints: object[] = [all]): DeliveryDeps {
  return {
    env: { DB: env.DB, RUNS: env.RUNS, WEBHOOKS: JSON.stringify(endpoints) },
    objects: bench.objects,
    clock: bench.clock,
    fetch: receiver.fetch,
    random: () => 0,
  }
}
const deliver = (endpoints?: object[]) => deliverWebhooks(deps(endpoints))
const fail = (order = 1): Promise<RunView> => bench.runInline(refused, { order })
const minute = async () => {
  await bench.clock.advance('1 minute')
  await tendOutbox(deps())
}
/** The alert of each message. */
const alerts = () => receiver.received.map(({ message }) => message.data.alert)
const counts = () =>
  alerts().map((alert) => {
    const group = alert?.['group'] as { failed: number } | undefined
    return group?.failed
  })

describe('failures that are the same', () => {
  it('are sent in one message, which counts them, to whoever names no events', async () => {
    for (const tens of Array.from({ length: 20 }, (_, index) => index * 10)) {
      const orders = Array.from({ length: 10 }, (_, index) => tens + index)
      await Promise.all(orders.map(fail))
      await deliver()
    }
    await bench.runInline(other, {})
    await minute()
    expect(receiver.received.map(({ message }) => message)).toMatchObject([
      {
        type: 'errors.group',
        data: {
          alert: {
            kind: 'failed',
            job: 'refused',
            message: expect.stringMatching(/^order \d+ is refused$/),
            group: { id: expect.stringMatching(/^[0-9a-f]{16}$/), failed: 200, occurrences: 200 },
          },
        },
      },
      { type: 'errors.group', data: { alert: { job: other.name, group: { failed: 1 } } } },
    ])
    expect(receiver.received[0]?.message.data).not.toHaveProperty('run')
    await minute()
    expect(receiver.received).toHaveLength(2)
  }, 120_000)

  it('are each sent to whoever names the event', async () => {
    for (let run = 0; run < 3; run++) await fail()
    await deliver([ends])
    expect(receiver.types).toEqual(['run.failed', 'run.failed', 'run.failed'])
  })

  it('are told again when they are ten times as many, and when they come again after half a day', async () => {
    await fail()
    await minute()
    for (let run = 2; run < 10; run++) await fail()
    await minute()
    expect(counts()).toEqual([1])
    await fail()
    await minute()
    await minute()
    expect(counts()).toEqual([1, 10])
    await bench.clock.advance('12 hours')
    await minute()
    expect(counts()).toEqual([1, 10])
    await fail()
    await minute()
    await minute()
    expect(counts()).toEqual([1, 10, 11])
  })

  it('are told again when they come back after somebody has dismissed them, and not while they are muted', async () => {
    const { error } = await fail()
    await minute()
    const group = error?.group?.id ?? ''
    const at = () => new Date(bench.clock.now()).toISOString()
    await dismissErrorGroup(env.DB, group, { at: at(), by: '' })
    await minute()
    expect(receiver.received).toHaveLength(1)
    await fail()
    await minute()
    expect(receiver.received).toHaveLength(2)
    const until = new Date(bench.clock.now() + HOUR).toISOString()
    await muteErrorGroup(env.DB, group, { at: at(), by: '', until })
    for (let run = 0; run < 20; run++) await fail()
    await minute()
    expect(receiver.received).toHaveLength(2)
    await bench.clock.advance('1 hour')
    await tendErrorGroups(env.DB, bench.clock.now())
    await minute()
    expect(receiver.types).toEqual(['errors.group', 'errors.group', 'errors.group'])
    expect(counts()).toEqual([1, 2, 22])
  })

  it('of a run that is repaired before the message is sent are told all the same', async () => {
    const run = await fail()
    broken = false
    await bench.objects(run.id).command('retry', {})
    await bench.drive(run)
    await minute()
    const told = receiver.received.find(({ message }) => message.type === 'errors.group')
    expect(told?.message.data.alert).toMatchObject({
      clearedAt: expect.any(String),
      group: { failed: 0, occurrences: 1 },
    })
  })
})
