import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { dismissAlert, keepFindings } from '../../src/monitoring/alert-rows.ts'
import type { JudgedKind } from '../../src/monitoring/alert-rules.ts'
import { judgeRuns } from '../../src/monitoring/judge.ts'
import { createTables } from '../support/drive.ts'
import { backToSchema, upgrade } from '../support/older-schema.ts'
import { runOf, type RunOf } from '../support/run-of.ts'

const at = '2026-02-02T10:23:45.000Z'

const failing = defineJob({
  name: 'fails-once-released',
  budget: { items: 1 },
  retry: { attempts: 1 },
  async perform({ step }) {
    await step('one', () => undefined)
    await step('two', () => {
      throw new Error('no luck')
    })
  },
})

const all = async (sql: string) => (await env.DB.prepare(sql).all()).results
/** What such a database had of each. */
const COLUMNS = 'id, run_id, job, kind, message, raised_at, cleared_at, holds'
const alerts = () => all(`SELECT ${COLUMNS} FROM dogear_alerts ORDER BY id`)
const indexes = () =>
  all("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'dogear_alerts'")

const raise = (run: string, kind: string) =>
  keepFindings(
    env.DB,
    {
      raised: [{ run, job: failing.name, kind: kind as JudgedKind, message: 'look' }],
      cleared: [],
      judged: [],
    },
    at,
  )

beforeAll(createTables)

describe('a database whose alerts are of listed kinds only, after the upgrade', () => {
  let run: RunOf
  let before: unknown[]

  beforeEach(async () => {
    run = await runOf(failing)
    await raise(run.id, 'stalled')
    await raise(run.id, 'budget')
    const [first] = (await alerts()) as { id: number }[]
    await dismissAlert(env.DB, first?.id ?? 0, at)
    before = await alerts()
    await backToSchema('0020', (table) => table)
    await raise(run.id, 'lonely')
    // As it was: what the table does not know it drops without a word.
    expect(await alerts()).toEqual(before)
    await upgrade()
  })

  it('has all that it had, and goes on from there', async () => {
    expect(await alerts()).toEqual(before)
    expect(await indexes()).toHaveLength(8)
    // What holds, a person having dismissed it or not, is not raised again.
    await raise(run.id, 'stalled')
    await raise(run.id, 'budget')
    expect(await alerts()).toEqual(before)
    expect(await run.drain()).toMatchObject({ status: 'failed' })
    // The one about its failure is about the group of its error.
    const kinds = (await alerts()).filter(({ run_id }) => run_id === run.id || run_id === '')
    expect(kinds).toMatchObject([
      { kind: 'stalled', holds: 0 },
      { kind: 'budget', holds: 1 },
      { kind: 'failed', holds: 1, message: 'no luck' },
    ])
  })

  it('takes an alert of any kind, makes it an event, and has its run judged once more at the end', async () => {
    await raise(run.id, 'lonely')
    expect(
      await all(`SELECT type FROM dogear_webhook_events WHERE run_id = '${run.id}'`),
    ).toContainEqual({
      type: 'run.lonely',
    })
    await run.drain()
    expect(await all('SELECT run_id FROM dogear_runs_to_judge')).toContainEqual({ run_id: run.id })
    await judgeRuns(env.DB, Date.now())
    expect(await all('SELECT run_id FROM dogear_runs_to_judge')).toEqual([])
  })
})
