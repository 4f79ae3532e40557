import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LEASE_MS } from '../../../src/engine/drive/driving.ts'
import { KillSwitch } from '../../../src/engine/slice/kill-switch.ts'
import { Reporter } from '../../../src/engine/slice/reporter.ts'
import { UntoldEvents } from '../../../src/engine/slice/untold-events.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const MINUTE = 60_000

it('a slice that has committed nothing for a quarter of an hour is not kept alive (mutation heartbeat-limit)', async () => {
  const begun = Date.now()
  const heartbeats: number[] = []
  const report = async () => {
    heartbeats.push(Date.now() - begun)
    return { ok: true, stop: null } as const
  }
  const reporter = new Reporter(
    {
      object: () => ({ report }),
      clock: { now: () => Date.now(), wait: () => Promise.resolve() },
      state: { report: () => ({}) as never },
      killSwitch: new KillSwitch(),
      untold: new UntoldEvents(),
    },
    null,
  )
  reporter.start(LEASE_MS)
  await vi.advanceTimersByTimeAsync(20 * MINUTE)
  expect(heartbeats.length).toBeGreaterThan((15 * MINUTE) / LEASE_MS)
  expect(heartbeats.at(-1)).toBeLessThan(15 * MINUTE)
  reporter.committed()
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(heartbeats.at(-1)).toBeGreaterThan(20 * MINUTE)
  await reporter.close()
})
