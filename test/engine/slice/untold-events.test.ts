import { describe, expect, it } from 'vitest'
import type { Lease } from '../../../src/engine/drive/driving.ts'
import { hear } from '../../../src/engine/drive/lease.ts'
import type { EngineEvent } from '../../../src/engine/events.ts'
import { UntoldEvents } from '../../../src/engine/slice/untold-events.ts'

const event = (attempt: number): EngineEvent => ({
  type: 'slice.started',
  at: '2026-11-22T00:00:00.000Z',
  run: 'r',
  job: 'j',
  fence: 1,
  attempt,
})

const newLease = (): Lease => ({
  until: 5_000,
  claimedAt: 0,
  heard: 0,
  kill: false,
  resumptionCounted: false,
})

describe('what a slice tells its object', () => {
  it('is heard once, also when an answer was lost and it is reported again', () => {
    const lease = newLease()
    const untold = new UntoldEvents()
    untold.add(event(1))
    untold.add(event(2))
    expect(hear(lease, untold.all())).toEqual([event(1), event(2)])
    // No answer came: it tells both again, and one more.
    untold.add(event(3))
    expect(hear(lease, untold.all())).toEqual([event(3)])
  })

  it('leaves out what the object has answered to, and keeps what came meanwhile', () => {
    const untold = new UntoldEvents()
    untold.add(event(1))
    const told = untold.all()
    untold.add(event(2))
    untold.heard(told)
    expect(untold.all()).toEqual({ first: 1, events: [event(2)] })
  })

  it('is limited to the newest while nobody answers', () => {
    const lease = newLease()
    const untold = new UntoldEvents()
    untold.add(event(0))
    const told = untold.all()
    for (let n = 1; n <= 300; n++) untold.add(event(n))
    untold.heard(told)
    expect(hear(lease, untold.all())).toEqual(Array.from({ length: 200 }, (_, i) => event(101 + i)))
  })
})
