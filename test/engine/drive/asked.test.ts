import { beforeEach, describe, expect, it } from 'vitest'
import { admits, command } from '../../../src/engine/drive/commands.ts'
import { type Driving, initialDriving } from '../../../src/engine/drive/driving.ts'
import { adoptStored } from '../../../src/engine/drive/recovery.ts'
import type { NewRun, StoredRun } from '../../../src/engine/drive/run-record.ts'
import { DEFAULT_RETRY } from '../../../src/engine/policies/retry-policy.ts'

const NOW = 1_000_000
const run: NewRun = {
  id: 'r',
  job: 'job',
  style: 'continuable',
  params: '{}',
  options: { retry: DEFAULT_RETRY },
  parent: null,
}

let d: Driving
beforeEach(() => {
  d = { ...initialDriving(run, NOW), inD1: true, status: 'failed', sendAt: null }
})

/** A run that has failed, as D1 has it before a slice has closed it. */
function unclosed(): StoredRun {
  return {
    ...run,
    status: 'failed',
    fence: d.fence,
    createdAt: '',
    rev: d.rev,
    shown: {},
    seen: d.seen,
    others: [],
    result: null,
    error: null,
    attention: null,
    children: [],
    finishedAt: '2026-01-01T00:00:00.000Z',
    closedAt: null,
  }
}

describe('what a person asks for', () => {
  it('has to wait while a slice closes the run: its onCancel may be at work (mutation retry-closing)', () => {
    Object.assign(d, { status: 'cancelled', closing: true })
    expect(admits(d, 'retry', {}, NOW)).toBe('invalid_transition')
    d.closing = false
    expect(admits(d, 'retry', {}, NOW)).toBe('new')
  })

  it('stands, though D1 says less than before, as after a restore (mutation adopt-asked)', () => {
    command(d, 'retry', {}, NOW)
    adoptStored(d, unclosed(), NOW)
    expect(d).toMatchObject({ intent: { kind: 'reopen' }, closing: false, sendAt: null })
  })

  it('else a slice is to close what D1 has as ended', () => {
    adoptStored(d, unclosed(), NOW)
    expect(d).toMatchObject({ intent: { kind: 'none' }, closing: true, sendAt: NOW })
  })
})
