import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { ALERT_EVENTS, ALERT_KINDS } from '../../src/monitoring/alert-kinds.ts'
import { keepFindings } from '../../src/monitoring/alert-rows.ts'
import type { JudgedKind } from '../../src/monitoring/alert-rules.ts'
import { createTables } from '../support/drive.ts'

const at = '2026-02-02T10:23:45.000Z'

beforeAll(createTables)

describe.each(ALERT_KINDS)('an alert of the kind %s', (kind) => {
  it('is kept, and sent as the event that endpoints know', async () => {
    // One that the tables do not know would be ignored without a word.
    const raised = [{ run: kind, job: 'a-job', kind: kind as JudgedKind, message: 'look' }]
    await keepFindings(env.DB, { raised, cleared: [], judged: [] }, at)
    const kept = await env.DB.prepare('SELECT kind FROM dogear_alerts WHERE run_id = ?')
      .bind(kind)
      .all()
    expect(kept.results).toEqual([{ kind }])
    const sent = await env.DB.prepare('SELECT type FROM dogear_webhook_events WHERE run_id = ?')
      .bind(kind)
      .all()
    expect(sent.results).toEqual(kind === 'failed' ? [] : [{ type: ALERT_EVENTS[kind] }])
  })
})
