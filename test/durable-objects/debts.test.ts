import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Alarm } from '../../durable-objects/alarm.ts'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { RunStorage } from '../../durable-objects/run-storage.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { appendSteps } from '../support/jobs.ts'
import {
  appended,
  bench,
  createTables,
  deliver,
  drain,
  driving,
  passTime,
  start,
  stub,
  truth,
  upTo,
  view,
} from '../support/drive.ts'

beforeAll(createTables)
afterEach(() => void vi.restoreAllMocks())

const refusal = () => Promise.reject(new Error('setAlarm refused'))

describe('an object whose alarm is refused', () => {
  it('H11 while it pays what it owes pays all of it once that is over', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await runInDurableObject(stub(run), async (instance: RunHost) => {
      let armed = 0
      // The command itself is taken; then neither the debt nor the note that it is unpaid can be kept.
      const refusing = vi
        .spyOn(Alarm.prototype, 'arm')
        .mockImplementation(() => (++armed === 1 ? Promise.resolve() : refusal()))
      await instance.command('pause', {})
      refusing.mockRestore()
      expect((await instance.describe())?.reason).toBe('pause')
      await instance.poke(run)
      expect(await instance.describe()).toMatchObject({ status: 'paused' })
      await instance.command('cancel', {})
    })
    expect(await view(run)).toMatchObject({ status: 'cancelled' })
    expect(await truth(run)).toMatchObject({ status: 'cancelled' })
  })

  it('H10 for a while does what was asked of it meanwhile', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await runInDurableObject(stub(run), async (instance: RunHost) => {
      const refusing = vi.spyOn(Alarm.prototype, 'arm').mockImplementation(refusal)
      await expect(instance.command('pause', {})).rejects.toThrow('setAlarm refused')
      refusing.mockRestore()
      await instance.alarm()
    })
    expect(await view(run)).toMatchObject({ status: 'paused' })
  })
})

it('an alarm that the storage refuses is armed again with the next change', async () => {
  const asked: number[] = []
  const refused = [true, false]
  const storage = {
    setAlarm: async (at: number) => {
      asked.push(at)
      if (refused.shift()) throw new Error('refused')
    },
  }
  const alarm = new Alarm(storage as unknown as DurableObjectStorage)
  await expect(alarm.arm(100, 0)).rejects.toThrow('refused')
  await alarm.arm(100, 0)
  await alarm.arm(100, 0)
  expect(asked).toEqual([100, 100])
})

it('memory is not ahead of a storage that refuses to save', async () => {
  const run = await start(appendSteps, { params: { items: 3 } })
  const before = await driving(run)
  await runInDurableObject(stub(run), async (instance: RunHost, { storage }) => {
    const refusing = vi.spyOn(RunStorage.prototype, 'save').mockImplementation(() => {
      throw new Error('disk full')
    })
    await expect(instance.command('cancel', {})).rejects.toThrow('disk full')
    refusing.mockRestore()
    expect(await instance.describe()).toMatchObject({ status: 'queued' })
    // Nor is its log: what did not happen is not told.
    const told = storage.sql.exec(`SELECT 1 FROM events WHERE event LIKE '%run.commanded%'`)
    expect(told.toArray()).toEqual([])
  })
  await bench.evict(run)
  expect(await driving(run)).toEqual(before)
  expect(await runObjects(env)(run).command('cancel', {})).toMatchObject({ ok: true })
  expect(await view(run)).toMatchObject({ status: 'cancelled' })
})

it('a message of a former life does nothing to a run that D1 does not have yet (mutation claim-no-rows)', async () => {
  const refuses = `CREATE TRIGGER refuses BEFORE INSERT ON dogear_runs BEGIN SELECT RAISE(ABORT, 'no'); END`
  await env.DB.prepare(refuses).run()
  const run = await start(appendSteps, { params: { items: 3 } })
  await deliver(run)
  expect(await view(run)).toMatchObject({ status: 'queued', attempts: 0 })
  await env.DB.prepare('DROP TRIGGER refuses').run()
  await passTime(run)
  expect(await drain(run)).toMatchObject({ status: 'completed' })
  expect(await appended(run)).toEqual(upTo(3))
})
