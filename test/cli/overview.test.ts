import { describe, expect, it } from 'vitest'
import type { Overview, Schedule } from '../../src/client/index.ts'
import { plainLook } from '../../src/cli/text/look.ts'
import { overviewText, schedulesText } from '../../src/cli/text/overview-text.ts'

const overview: Overview = {
  at: '2026-02-02T10:23:45.000Z',
  runsByStatus: {
    queued: 0,
    running: 2,
    interrupted: 1,
    paused: 0,
    completed: 12,
    failed: 1,
    cancelled: 0,
  },
  completedWithSkips: 0,
  activeContinuations: 3,
  averageResumptions: 1.25,
  longestRunning: { run: 'b7e1', job: 'process-orders', ms: 125_000 },
  checkpointHealth: { judged: 3, healthy: 3, share: 1, allowedMs: 10_000, stale: [] },
  itemsPerSecond: 210.4,
  commitMs: { p50: 12, p95: 31, p99: 2_400 },
  queueLagMs: { p50: null, p95: null, p99: null },
  skips: 1,
  retries: 4,
  needsAttention: [],
}

const schedule: Schedule = {
  name: 'nightly',
  job: 'generate-reports',
  cron: '0 3 * * *',
  timeZone: 'UTC',
  overlap: 'skip',
  nextTick: '2026-02-03T03:00:00.000Z',
  lastRun: { run: 'b7e1', tick: '2026-02-02T03:00:00.000Z' },
  waitingTick: null,
  lastSkippedTick: null,
  started: 7,
  skipped: 1,
  failingSince: null,
  pausedAt: null,
  ticks: [],
}

describe('The overview', () => {
  it('says how all runs are doing', () => {
    expect(overviewText(overview).split('\n')).toEqual([
      'Runs:         2 running, 1 interrupted, 12 completed, 1 failed',
      'Under way:    3 continuations',
      'Rate:         210.4 items/s',
      'Resumptions:  1.3 per run',
      'Longest:      process-orders for 2 min 5 s (run b7e1)',
      'Checkpoints:  3 of 3 runs commit as they should',
      'Commits:      median 12 ms, 95 % within 31 ms, 99 % within 2.4 s',
      'Queue lag:    none yet',
      'Failures:     1 skip, 4 retried',
      'Attention:    none needed',
    ])
  })

  it('names the runs that need a look', () => {
    const quiet = { run: 'c2', job: 'batch-emails', status: 'running' as const, quietMs: 30_000 }
    const text = overviewText({
      ...overview,
      checkpointHealth: { ...overview.checkpointHealth, healthy: 2, stale: [quiet] },
      needsAttention: [
        { ...quiet, problem: 'no commit for 30 s', kind: 'stalled', at: overview.at, alert: 7 },
      ],
    })
    expect(text).toContain(
      '2 of 3 runs commit as they should; the others are quiet for more than 10.0 s',
    )
    expect(text).toContain('\n❌ batch-emails c2: running, no commit for 30 s')
  })

  it('names no more of them than a screen holds, each on one line, unless it is to be wide', () => {
    const problem = 'It broke. '.repeat(500)
    const needsAttention = Array.from({ length: 50 }, (_, i) => ({
      run: `${i}`.padStart(32, '0'),
      job: 'batch-emails',
      status: 'failed' as const,
      problem,
      kind: 'failed' as const,
      at: overview.at,
      alert: i,
    }))
    const lines = overviewText({ ...overview, needsAttention }).split('\n')
    expect(lines.filter((line) => line.startsWith('❌'))).toHaveLength(20)
    expect(lines.at(-1)).toBe('… and 30 more; all of them with -o wide')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    const wide = overviewText({ ...overview, needsAttention }, { ...plainLook, columns: Infinity })
    expect(wide.split(problem)).toHaveLength(51)
  })

  it('says that there are no runs at all', () => {
    const none = Object.fromEntries(Object.keys(overview.runsByStatus).map((name) => [name, 0]))
    const text = overviewText({
      ...overview,
      runsByStatus: none as Overview['runsByStatus'],
      averageResumptions: null,
      longestRunning: null,
    })
    expect(text).toMatch(/^Runs: +none$/m)
    expect(text).toMatch(/^Resumptions: +none yet$/m)
    expect(text).toMatch(/^Longest: +none$/m)
  })
})

describe('Schedules', () => {
  it('are a table', () => {
    const zoned = {
      ...schedule,
      name: 'daily',
      timeZone: 'Europe/Berlin',
      lastRun: null,
      started: 0,
    }
    const error = { name: 'Error', message: 'No such job' }
    const wide = { ...plainLook, columns: Infinity }
    expect(schedulesText([schedule, { ...zoned, error }], wide).split('\n')).toEqual([
      'SCHEDULE  JOB               CRON                     NEXT                     LAST RUN  STARTED  SKIPPED  ERROR',
      'nightly   generate-reports  0 3 * * *                2026-02-03 03:00:00 UTC  b7e1      7        1',
      'daily     generate-reports  0 3 * * * Europe/Berlin  2026-02-03 03:00:00 UTC  none      0        1        No such job',
    ])
    expect(schedulesText([])).toBe('No schedules.')
  })

  it('fit into 80 columns, and say when the next run begins', () => {
    const now = Date.parse('2026-02-02T20:00:00Z')
    const error = { name: 'Error', message: 'No such job, as far as anybody can see' }
    const [head, line = ''] = schedulesText([{ ...schedule, error }], {
      ...plainLook,
      now,
    }).split('\n')
    expect(head).toMatch(/^SCHEDULE +JOB +CRON +NEXT/)
    expect(line).toMatch(/^nightly .* in 7h .*No such.*…$/)
    expect(line.length).toBeLessThanOrEqual(80)
  })
})
