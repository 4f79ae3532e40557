import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import {
  FaultyBucket,
  FaultyDatabase,
  FaultyQueue,
  testBench,
  type BucketFault,
  type Fault,
  type QueueFault,
} from '../../src/testing/index.ts'
import { importOrders } from '../../src/shop/jobs/import-orders.ts'
import { appendSteps } from '../support/jobs.ts'
import { appended, createTables, upTo } from '../support/drive.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }
const NETWORK = 'Network connection lost'

describe('FaultyDatabase.seeded', () => {
  const outcomes = async (seed: number, faults?: Fault[]): Promise<string> => {
    const { binding } = FaultyDatabase.seeded(env.DB, {
      seed,
      rate: 0.5,
      ...(faults && { faults }),
    })
    const answers = []
    for (let calls = 0; calls < 20; calls++) {
      answers.push(
        await binding
          .prepare('SELECT 1 AS one')
          .first('one')
          .catch((error: unknown) => String(error)),
      )
    }
    return answers.join()
  }

  it('loses the same calls for the same seed, and others for another', async () => {
    const first = await outcomes(1)
    expect(first).toContain(NETWORK)
    expect(first.split(',')).toContain('1')
    expect(await outcomes(1)).toBe(first)
    expect(await outcomes(2)).not.toBe(first)
  })

  it.each([3, 4, 5])('a run comes through requests and answers lost by seed %i', async (seed) => {
    const db = FaultyDatabase.seeded(env.DB, {
      seed,
      rate: 0.2,
      faults: ['lost_answer', 'never_lands', 'late'],
    })
    const bench = testBench({ env: { ...env, DB: db.binding } })
    const run = await bench.runInline(appendSteps, { items: 6 }, everyItem)
    await db.land()
    expect(run).toMatchObject({ status: 'completed' })
    expect(await appended(run.id)).toEqual(upTo(6))
  })

  it('loses also what goes through a session and exec', async () => {
    const { binding } = new FaultyDatabase(env.DB, () => 'never_lands')
    const session = binding.withSession()
    await expect(session.prepare('SELECT 1').run()).rejects.toThrow(NETWORK)
    await expect(session.batch([session.prepare('SELECT 1')])).rejects.toThrow(NETWORK)
    await expect(binding.exec('SELECT 1')).rejects.toThrow(NETWORK)
  })
})

describe('FaultyQueue', () => {
  const delivered = async (fault: QueueFault): Promise<number[]> => {
    const queue = new FaultyQueue<number>(({ number }) => (number === 2 ? fault : undefined))
    await queue.binding.send(1)
    await queue.binding.sendBatch([{ body: 2 }, { body: 3 }]).catch(() => undefined)
    const all = []
    for (let body = queue.receive(); body; body = queue.receive()) all.push(body)
    queue.land()
    for (let body = queue.receive(); body; body = queue.receive()) all.push(body)
    return all
  }

  it.each<[QueueFault, number[]]>([
    ['lost', [1, 3]],
    ['doubled', [1, 2, 2, 3]],
    ['late', [1, 3, 2]],
    ['reordered', [2, 1, 3]],
    ['refused', [1]],
  ])('of three messages, the second %s', async (fault, expected) => {
    expect(await delivered(fault)).toEqual(expected)
  })

  it.each<QueueFault>(['lost', 'doubled', 'late', 'reordered', 'refused'])(
    'B02 a run whose first messages are %s is done once, by its alarm if need be',
    async (fault) => {
      const queue = new FaultyQueue<SliceMessage>(({ number }) => (number <= 2 ? fault : undefined))
      const bench = testBench({ queue })
      const run = await bench.runInline(appendSteps, { items: 5 }, { interrupt: { afterItems: 2 } })
      expect(run).toMatchObject({ status: 'completed', progress: { done: 5 } })
      expect(await appended(run.id)).toEqual(upTo(5))
    },
  )

  it('fails the same messages for the same seed', async () => {
    const of = async (seed: number): Promise<unknown[]> => {
      const queue = FaultyQueue.seeded<number>({ seed, rate: 0.5 })
      for (let body = 1; body <= 20; body++) await queue.binding.send(body)
      queue.land()
      return Array.from({ length: 30 }, () => queue.receive())
    }
    expect(await of(1)).toEqual(await of(1))
    expect(await of(1)).not.toEqual(await of(2))
  })
})

describe('FaultyBucket', () => {
  const bucket = (fault: BucketFault): R2Bucket =>
    new FaultyBucket(env.FILES, ({ method }) => (method === 'head' ? undefined : fault), {
      slowMs: 1,
    }).binding

  it('throws, and nothing has happened, or it has', async () => {
    await expect(bucket('network_error').put('a', 'x')).rejects.toThrow('internal error')
    expect(await env.FILES.head('a')).toBeNull()
    await expect(bucket('lost_answer').put('a', 'x')).rejects.toThrow('internal error')
    expect(await env.FILES.head('a')).not.toBeNull()
  })

  it('cuts a body in the middle, with an error or without', async () => {
    await env.FILES.put('text', 'abcdef')
    const truncated = await bucket('truncated').get('text')
    expect(truncated?.size).toBe(6)
    expect(await truncated?.text()).toBe('abc')
    const broken = await bucket('broken_off').get('text')
    await expect(broken?.text()).rejects.toThrow(NETWORK)
    expect(await (await bucket('slow').get('text'))?.text()).toBe('abcdef')
    expect(await bucket('truncated').get('nothing')).toBeNull()
  })

  it.each([1, 2, 3])('an import comes through an R2 that fails by seed %i', async (seed) => {
    const header =
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
    const rows = upTo(4).map((n) => `${seed}${n},S,thing,1,2010-12-01 08:26:00,2.5,17850,France`)
    await env.FILES.put(`seed-${seed}`, [header, ...rows, ''].join('\n'))
    const { binding } = FaultyBucket.seeded(env.FILES, { seed, rate: 0.2 })
    const bench = testBench({ env: { ...env, FILES: binding } })
    const params = { file: `seed-${seed}`, name: `seed-${seed}` }
    const run = await bench.runInline(importOrders, params, everyItem)
    expect(run).toMatchObject({ status: 'completed', progress: { done: 4, total: 4 } })
  })

  it('fails the same calls for the same seed', async () => {
    const of = async (seed: number): Promise<string> => {
      const { binding } = FaultyBucket.seeded(env.FILES, { seed, rate: 0.5 })
      const answers = []
      for (let calls = 0; calls < 20; calls++) {
        answers.push(await binding.head('nothing').then(String, () => 'failed'))
      }
      return answers.join()
    }
    expect(await of(5)).toContain('failed')
    expect(await of(5)).toBe(await of(5))
    expect(await of(5)).not.toBe(await of(6))
  })
})
