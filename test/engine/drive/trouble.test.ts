import { describe, expect, it } from 'vitest'
import * as commands from '../../../src/engine/drive/commands.ts'
import { type Driving, initialDriving } from '../../../src/engine/drive/driving.ts'
import * as lease from '../../../src/engine/drive/lease.ts'
import type { NewRun } from '../../../src/engine/drive/run-record.ts'
import { runView } from '../../../src/engine/drive/run-view.ts'
import { noteTrouble } from '../../../src/engine/drive/trouble.ts'

const MINUTE = 60_000
const run: NewRun = {
  id: 'a'.repeat(32),
  job: 'append-steps',
  style: 'continuable',
  params: '{}',
  options: { retry: { attempts: 5, wait: '1s', maxWait: '1m' } as never },
  parent: null,
}

/** A run whose first message was sent at once. */
function sent(): Driving {
  const d = { ...initialDriving(run, 0), inD1: true, sendAt: null, sent: { n: 1, at: 0 } }
  return d
}

const attentionAt = (d: Driving, minutes: number) => {
  noteTrouble(d, minutes * MINUTE)
  return runView(run, d).attention
}

describe('a person is to look, after a while, at a run', () => {
  it('whose message nobody takes, until somebody does', () => {
    const d = sent()
    expect(attentionAt(d, 100)).toBeUndefined()
    expect(attentionAt(d, 181)).toContain('expected a consumer of its queue, with room')
    lease.claim(d, run, 1, 182 * MINUTE)
    expect(attentionAt(d, 182)).toBeUndefined()
  })

  it('not while it is paused, held, or waits for its time', () => {
    expect(attentionAt({ ...sent(), status: 'paused' }, 999)).toBeUndefined()
    expect(attentionAt({ ...sent(), status: 'interrupted', held: true }, 999)).toBeUndefined()
    expect(attentionAt({ ...sent(), sent: null, sendAt: 9_999 * MINUTE }, 999)).toBeUndefined()
  })

  it.each(['pause', 'cancel'] as const)('whose %s D1 never answers, until it does', (what) => {
    const d = sent()
    commands.command(d, what, {}, 0)
    expect(attentionAt(d, 0)).toBeUndefined()
    expect(attentionAt(d, 14)).toBeUndefined()
    expect(attentionAt(d, 16)).toContain(`D1 has not answered to '${what}'`)
    const answer = { status: what === 'pause' ? 'active' : 'cancelled', fence: d.fence }
    if (what === 'pause') commands.pauseAnswered(d, answer, 17 * MINUTE)
    else commands.cancelAnswered(d, run, answer, 17 * MINUTE)
    expect(attentionAt(d, 17)).toBeUndefined()
  })

  it('whose slice does not stop for a pause', () => {
    const d = sent()
    lease.claim(d, run, 1, 0)
    commands.command(d, 'pause', {}, 0)
    noteTrouble(d, 0)
    if (d.lease) d.lease.until = 20 * MINUTE
    expect(attentionAt(d, 16)).toContain("Its slice has not stopped for 'pause'")
  })

  it('whose object cannot pay what it owes, until it can', () => {
    const d = sent()
    d.failures = { count: 1, since: 0 }
    expect(attentionAt(d, 0)).toBeUndefined()
    d.failures = { count: 9, since: 0 }
    const { rev } = d
    expect(attentionAt(d, 16)).toContain('run.debt_unpaid')
    expect(d.rev).toBe(rev + 1)
    // Told once, not each time that it is tried.
    attentionAt(d, 17)
    expect(d.rev).toBe(rev + 1)
    d.failures = null
    expect(attentionAt(d, 18)).toBeUndefined()
    expect(d.rev).toBe(rev + 2)
  })

  it('but what its own code asks for comes first', () => {
    const d = { ...sent(), attention: 'look at me' }
    expect(attentionAt(d, 999)).toBe('look at me')
  })
})
