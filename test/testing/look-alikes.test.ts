import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { exploreCrashes, isClose, isCommit, isEnd, isRaise } from '../../src/testing/index.ts'

// An exploration is a hundred runs.
vi.setConfig({ testTimeout: 120_000 })

// What a person's own statements may well look like: the words are those of the engine's.
const ENTER = `INSERT INTO ledger_entries (ticket, cents) VALUES (?, 5)`
const SETTLE = `UPDATE tickets SET status = ?2 WHERE id = ?1`
const CLOSE = `UPDATE tickets SET closed_at = ?2 WHERE id = ?1`

beforeAll(async () => {
  await env.DB.batch([
    env.DB.prepare('CREATE TABLE tickets (id INTEGER PRIMARY KEY, status TEXT, closed_at TEXT)'),
    env.DB.prepare('CREATE TABLE ledger_entries (ticket INTEGER NOT NULL, cents INTEGER NOT NULL)'),
  ])
})

const reset = () =>
  env.DB.batch([
    env.DB.prepare('DELETE FROM ledger_entries'),
    env.DB.prepare('INSERT OR REPLACE INTO tickets (id) VALUES (1), (2), (3), (4)'),
  ])

const books = async () =>
  (
    await env.DB.prepare(
      `SELECT id, status, closed_at, (SELECT count(*) FROM ledger_entries WHERE ticket = id) AS entries FROM tickets`,
    ).all()
  ).results

const settleTickets = defineJob({
  name: 'settle-tickets',
  perform: ({ step, effects }) =>
    step('settle', { start: 1 }, async (step) => {
      while (step.cursor <= 4) {
        effects.run(ENTER, step.cursor)
        effects.run(SETTLE, step.cursor, 'settled')
        effects.run(CLOSE, step.cursor, '2026-11-01')
        await step.advance()
      }
    }),
})

describe('K3 statements that look like those of the protocol', () => {
  it.each([
    ENTER,
    SETTLE,
    CLOSE,
    'UPDATE dogear_lanes SET fence = 7',
    'INSERT INTO dogear_ledger VALUES (?1)',
  ])('are no call of it: %s', (sql) => {
    const call = { sql: [sql] }
    expect([isRaise, isCommit, isEnd, isClose].map((is) => is(call))).toEqual(
      Array.from({ length: 4 }, () => false),
    )
  })

  it('leave an exploration all its commits, one end, and a message doubled at each commit', async () => {
    const { points, state } = await exploreCrashes(settleTickets, {
      given: reset,
      then: books,
      commit: { everyItems: 1 },
      replay: 'commit:2:doubled',
    })
    expect(points.filter((point) => /^(?:raise|commit|end|close|D1 write)/.test(point))).toEqual([
      'raise 1',
      // One for each item, and one for the step.
      'commit 1',
      'commit 2',
      'commit 3',
      'commit 4',
      'commit 5',
      'end commit 1',
      'close 1',
    ])
    expect(state).toHaveLength(4)
  })

  it('are known outside the effects as what they are, and found when they happen twice', async () => {
    const byItself = defineJob({
      name: 'enters-by-itself',
      perform: ({ step, env: { DB } }) =>
        step('enter', { start: 1 }, async (step) => {
          while (step.cursor <= 2) {
            await DB.prepare(ENTER).bind(step.cursor).run()
            await DB.prepare(SETTLE).bind(step.cursor, 'entered').run()
            await step.advance()
          }
        }),
    })
    await expect(
      exploreCrashes(byItself, { given: reset, then: books, maxSchedules: 30 }),
    ).rejects.toMatchObject({ code: 'crash_changed_outcome', replay: 'write:2:dies_before' })
  })
})
