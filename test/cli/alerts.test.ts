import { describe, expect, it } from 'vitest'
import { alertsText, webhooksText } from '../../src/cli/text/alerts-text.ts'
import { plainLook } from '../../src/cli/text/look.ts'
import type { Alert, Webhooks } from '../../src/client/index.ts'

const wide = { ...plainLook, columns: Infinity }
const later = { ...plainLook, now: Date.parse('2026-02-02T10:24:00Z') }

const alert: Alert = {
  id: 7,
  run: 'b7e1',
  job: 'process-orders',
  kind: 'stalled',
  message: 'Nothing committed for 90 s; it usually takes 2.3 s',
  raisedAt: '2026-02-02T10:23:45.000Z',
  clearedAt: null,
}

const webhooks: Webhooks = {
  endpoints: [
    { name: 'team', origin: 'https://hooks.example', events: ['run.failed'], jobs: null },
  ],
  deliveries: [
    {
      id: 3,
      endpoint: 'team',
      event: 'run.failed',
      run: 'b7e1',
      status: 'pending',
      attempts: 2,
      nextAt: '2026-02-02T10:25:00.000Z',
      lastError: 'HTTP 500',
      createdAt: '2026-02-02T10:23:45.000Z',
      deliveredAt: null,
    },
  ],
  nextCursor: null,
}

describe('Alerts', () => {
  it('are a table', () => {
    const cleared = { ...alert, id: 6, clearedAt: '2026-02-02T10:30:00.000Z' }
    expect(alertsText([alert, cleared], wide).split('\n')).toEqual([
      'ALERT  KIND     JOB             RUN   RAISED                   CLEARED                  WHAT',
      '7      stalled  process-orders  b7e1  2026-02-02 10:23:45 UTC  open                     Nothing committed for 90 s; it usually takes 2.3 s',
      '6      stalled  process-orders  b7e1  2026-02-02 10:23:45 UTC  2026-02-02 10:30:00 UTC  Nothing committed for 90 s; it usually takes 2.3 s',
    ])
    expect(alertsText([])).toBe('No alerts.')
  })

  it('fit into 80 columns: an age for a time, and of the message its beginning', () => {
    const one = { ...alert, run: '0123456789abcdef0123456789abcdef' }
    expect(alertsText([one], later).split('\n')).toEqual([
      'ALERT  KIND     JOB             RUN       AGE  CLEARED  WHAT',
      '7      stalled  process-orders  01234567  15s  open     Nothing committed for 9…',
    ])
  })
})

describe('Webhooks', () => {
  it('are two tables: who is notified, and of what', () => {
    const [sent] = webhooks.deliveries
    if (!sent) throw new Error('no delivery')
    const given = { ...sent, id: 2, run: null, status: 'given_up' as const, nextAt: null }
    const text = webhooksText({ ...webhooks, deliveries: [sent, given] }, wide)
    expect(text.split('\n')).toEqual([
      'ENDPOINT  WHERE                  EVENTS      JOBS',
      'team      https://hooks.example  run.failed  all',
      'DELIVERY  EVENT       RUN   TO    CREATED                  ATTEMPTS  STATUS                           ERROR',
      '3         run.failed  b7e1  team  2026-02-02 10:23:45 UTC  2         next at 2026-02-02 10:25:00 UTC  HTTP 500',
      '2         run.failed        team  2026-02-02 10:23:45 UTC  2         given up                         HTTP 500',
    ])
  })

  it('fit into 80 columns', () => {
    const lines = webhooksText(webhooks, later).split('\n')
    expect(lines.at(-1)).toBe(
      '3         run.failed  b7e1  team  15s  2         next in 1m  HTTP 500',
    )
  })

  it('that cannot be sent say so first', () => {
    const problem = 'WEBHOOKS is malformed, so nothing is sent: it is not JSON'
    expect(webhooksText({ endpoints: [], problem, deliveries: [], nextCursor: null })).toBe(
      `❌ ${problem}\nNo endpoints.\nNo deliveries.`,
    )
  })
})
