import { beforeEach, describe, expect, it } from 'vitest'
import {
  cancelAnswered,
  command,
  pauseAnswered,
  reopenAnswered,
} from '../../../src/engine/drive/commands.ts'
import {
  type Driving,
  initialDriving,
  LEASE_MS,
  MAX_LEASE_MS,
  NO_INTENT,
} from '../../../src/engine/drive/driving.ts'
import { claim, onTime, report } from '../../../src/engine/drive/lease.ts'
import { nextAlarm } from '../../../src/engine/drive/owed.ts'
import type { Outcome } from '../../../src/engine/drive/protocol.ts'
import { release } from '../../../src/engine/drive/release.ts'
import type { NewRun, Report } from '../../../src/engine/drive/run-record.ts'
import { readDriving } from '../../../src/engine/drive/stored-driving.ts'
import { runView } from '../../../src/engine/drive/run-view.ts'
import { isoTime } from '../../../src/engine/iso-time.ts'
import { DEFAULT_RETRY } from '../../../src/engine/policies/retry-policy.ts'

const run: NewRun = {
  id: 'r',
  job: 'job',
  style: 'continuable',
  params: '{}',
  options: { retry: DEFAULT_RETRY },
  parent: null,
}
const interrupted: Outcome = { kind: 'interrupted', reason: 'budget', directiveMet: false }

let d: Driving
let now: number

beforeEach(() => {
  now = 1_000_000
  d = { ...initialDriving(run, now), inD1: true }
})

const claimNow = () => claim(d, run, d.n, now)
const releaseNow = (outcome: Outcome = interrupted, fence = d.fence, last: Report | null = null) =>
  release(d, run, { last, fence, outcome }, now, () => 0)
const progress = (commits: number): Report => ({
  ...d.seen,
  fence: d.fence,
  seq: commits + d.fence,
  commits,
})
/** The slice that holds the lease is never heard of again. */
function vanish(): void {
  claimNow()
  now = d.lease?.until ?? now
  onTime(d, run, now)
}

describe('I04 one patience for lease and overdue message', () => {
  it('is doubled at each expiry without progress, up to 15 minutes', () => {
    const seen = Array.from({ length: 12 }, () => {
      vanish()
      return d.patienceMs
    })
    expect(seen.slice(0, 3)).toEqual([2, 4, 8].map((times) => times * LEASE_MS))
    expect(seen.at(-1)).toBe(MAX_LEASE_MS)
  })

  it('is doubled when a message is overdue, up to 15 minutes', () => {
    for (let times = 0; times < 12; times++) {
      Object.assign(d, { sendAt: null, overdueAt: now })
      onTime(d, run, now)
      expect(d.sendAt).toBe(now)
    }
    expect(d.patienceMs).toBe(MAX_LEASE_MS)
  })

  it('is reset by the first report of progress, and by a vanished slice that made some', () => {
    vanish()
    claimNow()
    expect(report(d, progress(0), now)).toBe(true)
    expect(d.patienceMs).toBe(2 * LEASE_MS)
    report(d, progress(1), now)
    expect(d.patienceMs).toBe(LEASE_MS)
    expect(d.lease?.until).toBe(now + LEASE_MS)
  })

  it('wakes the object for whatever is next, and for nothing once all is done', () => {
    d.indexed = d.rev
    expect(nextAlarm({ ...d, sendAt: now + 5_000 }, now)).toBe(now + 5_000)
    claimNow()
    d.indexed = d.rev
    expect(nextAlarm(d, now)).toBe(d.lease?.until)
    releaseNow({ kind: 'ended', status: 'completed', children: [] })
    expect(nextAlarm(d, now)).toBeNull()
  })
})

describe('I06 attempts', () => {
  it('count each claim without a commit, and begin again after one', () => {
    vanish()
    vanish()
    expect(claimNow()).toMatchObject({ ok: true, attempt: 3, cautious: true })
    report(d, progress(1), now)
    releaseNow()
    expect(claimNow()).toMatchObject({ ok: true, attempt: 1, cautious: false })
  })

  it('are not spent by an interruption', () => {
    for (let slices = 0; slices < 10; slices++) {
      claimNow()
      releaseNow()
    }
    expect(claimNow()).toMatchObject({ ok: true, attempt: 1 })
  })
})

describe('What people see of a run that is tried again', () => {
  const failure = { name: 'Error', message: 'Broken' }
  const errored = (failed: number): Outcome => ({
    kind: 'errored',
    error: failure,
    retry: { failed, limit: 3 },
  })
  const seen = () => runView(run, d).retry

  it('are the attempts that failed, until it gets further', () => {
    claimNow()
    releaseNow(errored(1))
    expect(seen()).toEqual({ failed: 1, limit: 3 })
    now += 60_000
    claimNow()
    expect(seen()).toEqual({ failed: 1, limit: 3 })
    report(d, progress(1), now)
    expect(seen()).toBeUndefined()
  })

  it('are all of them when it gave up, until somebody retries it', () => {
    claimNow()
    const retry = { failed: 3, limit: 3 }
    releaseNow({ kind: 'ended', status: 'failed', error: failure, children: [], retry })
    expect(seen()).toEqual(retry)
    command(d, 'retry', {}, now)
    reopenAnswered(d, { status: 'active', fence: d.fence }, now)
    expect(seen()).toBeUndefined()
  })

  it('are slices that vanished, too', () => {
    vanish()
    vanish()
    expect(seen()).toEqual({ failed: 2, limit: DEFAULT_RETRY.attempts })
  })

  it('is the last sign of life of a slice at work, and the end of its lease', () => {
    const lease = () => runView(run, d).lease
    expect(lease()).toBeUndefined()
    claimNow()
    now += 1_000
    report(d, progress(1), now)
    expect(lease()).toEqual({ heardAt: isoTime(now), endsAt: isoTime(now + LEASE_MS) })
    releaseNow()
    expect(lease()).toBeUndefined()
  })
})

describe('I13 a run that is being cancelled, paused or reopened', () => {
  const states: [string, () => void][] = [
    ['cancelled', () => command(d, 'cancel', {}, now)],
    ['paused', () => command(d, 'pause', {}, now)],
    ['reopened', () => command(Object.assign(d, { status: 'failed' }), 'retry', {}, now)],
  ]

  it.each(states)('grants no claim while it is being %s', (_name, begin) => {
    begin()
    expect(claimNow()).toEqual({ ok: false, code: 'stale' })
  })

  it.each(states)(
    'has a fence of its own, above any slice’s, while it is being %s',
    (_n, begin) => {
      const before = d.fence
      begin()
      expect(d.fence).toBe(before + 1)
    },
  )

  it('pauses an idle run only when D1 has answered', () => {
    command(d, 'pause', {}, now)
    expect(d).toMatchObject({ status: 'queued', intent: { kind: 'pause', revoked: true } })
    pauseAnswered(d, { status: 'active', fence: d.fence }, now)
    expect(d).toMatchObject({ status: 'paused', intent: NO_INTENT })
  })

  it('asks D1 again, one fence higher, when D1 knows of a higher one', () => {
    command(d, 'cancel', {}, now)
    cancelAnswered(d, run, { status: 'active', fence: 41 }, now)
    expect(d).toMatchObject({ intent: { kind: 'cancel' }, fence: 42 })
    cancelAnswered(d, run, { status: 'cancelled', fence: 42 }, now)
    expect(d).toMatchObject({ intent: NO_INTENT, status: 'cancelled' })
  })

  it('is closed by a slice when D1 says that it had ended before', () => {
    command(d, 'cancel', {}, now)
    const { n } = d
    cancelAnswered(d, run, { status: 'completed', fence: d.fence }, now)
    expect(d).toMatchObject({ intent: NO_INTENT, status: 'queued', sendAt: now, n: n + 1 })
  })

  it('goes on with a new message after it was reopened', () => {
    Object.assign(d, { status: 'failed' })
    command(d, 'retry', {}, now)
    const { n } = d
    reopenAnswered(d, { status: 'active', fence: d.fence }, now)
    expect(d).toMatchObject({ intent: NO_INTENT, status: 'queued', sendAt: now, n: n + 1 })
  })
})

describe('I14 only the holder of the lease speaks', () => {
  it('hears no release when nobody holds the lease, whatever its fence', () => {
    claimNow()
    const { fence } = d
    now = d.lease?.until ?? now
    onTime(d, run, now)
    const before = structuredClone(d)
    expect(releaseNow({ kind: 'ended', status: 'completed', children: [] }, fence)).toBe(false)
    expect(report(d, { ...progress(5), fence }, now)).toBe(false)
    expect(d).toEqual(before)
  })

  it('hears no release of an older fence', () => {
    vanish()
    claimNow()
    expect(releaseNow(interrupted, d.fence - 1)).toBe(false)
  })
})

describe('a heartbeat from before the raise', () => {
  it('renews the lease and takes nothing back of what is known', () => {
    claimNow()
    report(d, { ...progress(3), done: 30 }, now)
    releaseNow()
    claimNow()
    const until = d.lease?.until ?? 0
    const nothingKnown = { ...initialDriving(run, now).seen, fence: d.fence }
    expect(report(d, nothingKnown, now + 1_000)).toBe(true)
    expect(d.lease?.until).toBe(until + 1_000)
    expect(d.seen).toMatchObject({ done: 30, commits: 3 })
  })
})

it('keeps what a report of older code does not tell', () => {
  claimNow()
  report(d, { ...progress(2), skipped: 4 }, now)
  const { skipped: _skipped, codeVersion: _version, ...older } = progress(3)
  report(d, older as Report, now)
  expect(d.seen).toMatchObject({ commits: 3, skipped: 4, codeVersion: '' })
})

describe('a state that older code has stored', () => {
  const none = { lease: null, intent: NO_INTENT, failures: null, waiting: null }
  const stored = (flags: object): string => {
    const {
      lease: _lease,
      intent: _intent,
      failures: _failures,
      ...rest
    } = initialDriving(run, now)
    return JSON.stringify({ ...rest, fence: 7, leaseUntil: null, ...flags })
  }
  const error = { name: 'Error', message: 'gone' }

  it.each([
    [{}, {}],
    [{ cancelling: false, pausing: null, reopening: false, unpaid: 0, unpaidSince: null }, {}],
    [{ waits: 0, waitingSince: null }, {}],
    [{ cancelling: true, failing: null }, { intent: { kind: 'cancel' } }],
    [{ cancelling: true, failing: error }, { intent: { kind: 'fail', error } }],
    [{ pausing: 'asked' }, { intent: { kind: 'pause', revoked: false } }],
    [{ pausing: 'revoked' }, { intent: { kind: 'pause', revoked: true } }],
    [{ reopening: true }, { intent: { kind: 'reopen' } }],
    [{ waits: 2, waitingSince: 8 }, { waiting: { slices: 2, since: 8 } }],
    [{ unpaid: 3, unpaidSince: 5 }, { failures: { count: 3, since: 5 } }],
    [
      { leaseUntil: 99, claimedAt: 50, heard: 4, killing: 7, resumptionCounted: true },
      { lease: { until: 99, claimedAt: 50, heard: 4, kill: true, resumptionCounted: true } },
    ],
    [
      { leaseUntil: 99, updatedAt: 60, killing: 6 },
      { lease: { until: 99, claimedAt: 60, heard: 0, kill: false, resumptionCounted: false } },
    ],
  ])('%j is read', (flags, expected) => {
    const { updatedAt = now } = flags as { updatedAt?: number }
    const read = readDriving(run, stored(flags))
    expect(read).toEqual({ ...initialDriving(run, now), fence: 7, updatedAt, ...none, ...expected })
  })

  it('of newer code is read as it is', () => {
    claimNow()
    expect(readDriving(run, JSON.stringify(d))).toEqual(d)
  })
})
