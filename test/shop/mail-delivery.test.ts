import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redriveRun, runObjects } from '../../src/engine/runs/index.ts'
import type { RunView } from '../../src/engine/index.ts'
import { batchEmailsIteration } from '../../src/shop/jobs/batch-emails-iteration.ts'
import { batchEmails } from '../../src/shop/jobs/batch-emails.ts'
import { deliverMail } from '../../src/shop/jobs/deliver-mail.ts'
import { cleanShop, resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import type { D1Call } from '../../src/testing/index.ts'
import { call } from '../support/api.ts'
import { deliver, drain, passTime, start, view } from '../support/drive.ts'
import { broken, letBounce, mailboxOf, outboxOf } from '../support/mail.ts'
import { deliverAndDie, isCommit, nth } from '../support/mortal.ts'

beforeAll(async () => {
  await seedShop(env.DB, { customers: 70, orders: 0 })
})

beforeEach(async () => {
  await resetShop(env.DB)
})

/** Queues a campaign; gives the sender that follows it, not begun yet. */
async function campaign(upTo = 70): Promise<{ run: RunView; sender: string }> {
  const run = await drain(await start(batchEmails, { params: { upTo } }))
  return { run, sender: run.children[0] as string }
}

const isCallToProvider = ({ sql }: D1Call): boolean =>
  sql.some((text) => text.includes('INSERT INTO mailbox'))

describe('delivering a campaign', () => {
  it('hands each mail over once, and proves it', async () => {
    const { run, sender } = await campaign()
    const delivered = await drain(sender)
    expect(delivered).toMatchObject({
      status: 'completed',
      parent: run.id,
      progress: { done: 70, total: 70, skipped: 0 },
    })
    const mails = await outboxOf(run.id)
    expect(new Set(mails.map(({ status }) => status))).toEqual(new Set(['sent']))
    expect(await mailboxOf(run.id)).toEqual(mails.map(({ key }) => ({ key, calls: 1 })))
    expect(await broken(delivered)).toEqual([])
  })

  it('goes on in the next slice where the statements of one are used up', async () => {
    const { run, sender } = await campaign()
    const delivered = await drain(sender, { statementShare: 20 })
    expect(delivered.slices).toBeGreaterThan(2)
    expect(await mailboxOf(run.id)).toHaveLength(70)
    expect(await broken(delivered)).toEqual([])
  })

  it('makes a second call under the same key, and no second mail, when it dies before the commit', async () => {
    const { run, sender } = await campaign()
    await deliverAndDie(sender, { d1: nth(2, isCommit), when: 'before' })
    await passTime(sender)
    const delivered = await drain(sender)
    expect(delivered).toMatchObject({ status: 'completed', progress: { done: 70 } })
    const mailbox = await mailboxOf(run.id)
    expect(mailbox).toHaveLength(70)
    const twice = mailbox.filter(({ calls }) => calls === 2)
    // Those of the commit that was lost, and no others.
    expect(twice.length).toBeGreaterThan(0)
    expect(twice.length).toBeLessThanOrEqual(50)
    expect(mailbox.filter(({ calls }) => calls > 2)).toEqual([])
    expect((await outboxOf(run.id)).every(({ attempts }) => attempts === 1)).toBe(true)
    expect(await broken(delivered)).toEqual([])
  })

  it('makes a second call when it dies between a call and its answer', async () => {
    const { run, sender } = await campaign()
    await deliverAndDie(sender, { d1: nth(3, isCallToProvider), when: 'after' })
    await passTime(sender)
    const delivered = await drain(sender)
    const mailbox = await mailboxOf(run.id)
    expect(mailbox.map(({ calls }) => calls)).toEqual([2, 2, 2, ...Array<number>(67).fill(1)])
    expect(await broken(delivered)).toEqual([])
  })

  it('asked for twice, sends nothing twice', async () => {
    const { run, sender } = await campaign(10)
    await drain(sender)
    const again = await drain(await start(deliverMail, { params: { campaign: run.id } }))
    expect(again).toMatchObject({ status: 'completed', progress: { done: 0, total: 0 } })
    expect((await mailboxOf(run.id)).every(({ calls }) => calls === 1)).toBe(true)
    expect(await broken(again)).toEqual([])
  })

  it('reads its mails by an index, and the provider’s by theirs', async () => {
    const plan = async (sql: string, ...params: unknown[]) => {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...params)
        .all<{ detail: string }>()
      return results.map(({ detail }) => detail).join('; ')
    }
    const page = `SELECT * FROM (SELECT id, key FROM outbox WHERE run_id = ? AND status <> 'sent') WHERE ("id") > (?) ORDER BY "id" LIMIT 501`
    expect(await plan(page, 'run', 7)).toBe(
      'SEARCH outbox USING INDEX outbox_by_run (run_id=? AND rowid>?)',
    )
    expect(await plan(`SELECT count(*) FROM mailbox WHERE key >= 'a/' AND key < 'a0'`)).toContain(
      'SEARCH mailbox USING COVERING INDEX',
    )
  })
})

describe('mails that bounce', () => {
  beforeAll(() => letBounce(3, 8))

  it('are skipped and listed, and the others are sent', async () => {
    const { run, sender } = await campaign(10)
    const delivered = await drain(sender)
    expect(delivered).toMatchObject({
      status: 'completed',
      progress: { done: 8, total: 10, skipped: 2 },
    })
    const mails = await outboxOf(run.id)
    expect(mails.filter(({ status }) => status === 'bounced')).toMatchObject([
      { customer: 3, attempts: 1 },
      { customer: 8, attempts: 1 },
    ])
    expect(await mailboxOf(run.id)).toHaveLength(8)
    const { json } = await call('GET', `/api/runs/${sender}/skips`)
    expect(json['skips']).toMatchObject(
      [3, 8].map((customer) => ({
        error: {
          code: 'mail_bounced',
          message: `No mail can be delivered to ${customer}@bounce.example: there is no such mailbox`,
        },
      })),
    )
    expect(await broken(delivered)).toEqual([])
  })

  it('are tried again by a re-drive of just those', async () => {
    const { run, sender } = await campaign(10)
    const delivered = await drain(sender)
    await env.DB.prepare(
      `UPDATE outbox SET recipient = 'three@example.com' WHERE run_id = ? AND customer_id = 3`,
    )
      .bind(run.id)
      .run()
    const answer = await redriveRun(runObjects(env), env.DB, deliverMail, delivered)
    if (!answer.ok) throw new Error(answer.code)
    const again = await drain(answer.run.id)
    expect(again).toMatchObject({
      status: 'completed',
      progress: { done: 1, total: 2, skipped: 1 },
    })
    const tried = (await outboxOf(run.id)).filter(({ attempts }) => attempts === 2)
    expect(tried).toMatchObject([
      { customer: 3, status: 'sent' },
      { customer: 8, status: 'bounced' },
    ])
    expect(await mailboxOf(run.id)).toHaveLength(9)
    expect([await broken(again), await broken(await view(sender))]).toEqual([[], []])
  })
})

describe('a re-drive of mails of which one was sent meanwhile', () => {
  beforeAll(() => letBounce(3, 8))

  it('passes over that one and tries the other', async () => {
    const { run, sender } = await campaign(10)
    const delivered = await drain(sender)
    const repair = (customer: number) =>
      env.DB.prepare(
        `UPDATE outbox SET recipient = 'fixed@example.com' WHERE run_id = ? AND customer_id = ?`,
      )
        .bind(run.id, customer)
        .run()
    await repair(3)
    await drain(await start(deliverMail, { params: { campaign: run.id } }))
    await repair(8)
    const answer = await redriveRun(runObjects(env), env.DB, deliverMail, delivered)
    if (!answer.ok) throw new Error(answer.code)
    expect(await drain(answer.run.id)).toMatchObject({
      status: 'completed',
      progress: { done: 1, total: 2, skipped: 1 },
    })
    expect(await mailboxOf(run.id)).toHaveLength(10)
  })
})

async function rowsOf(...tables: string[]): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {}
  for (const table of tables)
    found[table] = (await env.DB.prepare(`SELECT * FROM ${table}`).all()).results
  return found
}

async function putBack(tables: Record<string, unknown[]>): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    const columns = Object.keys(rows[0] as object)
    const values = columns.map((column) => `value ->> '${column}'`)
    await env.DB.prepare(
      `INSERT INTO ${table} (${columns.join()}) SELECT ${values.join()} FROM json_each(?)`,
    )
      .bind(JSON.stringify(rows))
      .run()
  }
}

describe('the proof of a delivery and of its campaign', () => {
  it('is none over an outbox that was emptied since', async () => {
    const { sender } = await campaign(10)
    const delivered = await drain(sender)
    await resetShop(env.DB)
    expect(await broken(delivered)).toContain('The mails that were met are in the outbox')
  })

  it('does not mind who signs up while the campaign is under way', async () => {
    const run = await start(batchEmailsIteration, { interrupt: { at: 'batch:2' } })
    await deliver(run)
    expect(await view(run)).toMatchObject({ status: 'interrupted' })
    await env.DB.prepare(
      `INSERT INTO customers (id, name, email, region) VALUES (900, 'Late', 'late@example.com', 'Wales')`,
    ).run()
    const ended = await drain(run)
    expect(ended).toMatchObject({ status: 'completed', progress: { done: 71, total: 70 } })
    expect(await broken(ended)).toEqual([])
    await env.DB.prepare('DELETE FROM customers WHERE id = 900').run()
  })
})

describe('the proof of a delivery', () => {
  let delivered: RunView
  let left: Record<string, unknown[]>

  beforeAll(async () => {
    await resetShop(env.DB)
    delivered = await drain((await campaign(10)).sender)
    left = await rowsOf('outbox', 'mailbox')
  })

  beforeEach(() => putBack(left))

  it.each([
    [
      'a mail that nobody answered for',
      `UPDATE outbox SET status = 'queued', settled_at = NULL,
      provider = NULL WHERE customer_id = 9`,
      ['Every mail was sent, or has bounced', 'Calls to the provider make one mail per key'],
    ],
    [
      'a mail that is not in the mailbox',
      `DELETE FROM mailbox WHERE key LIKE '%/9'`,
      [
        'Each mail that was sent is in the mailbox once',
        'Calls to the provider make one mail per key',
      ],
    ],
    [
      'a mail that went to somebody else',
      `UPDATE mailbox SET recipient = 'x@example.com' WHERE key LIKE '%/9'`,
      ['Each mail that was sent is in the mailbox once'],
    ],
    [
      'a mail under a key that nobody gave',
      `UPDATE mailbox SET key = key || 'x' WHERE key LIKE '%/9'`,
      ['Each mail that was sent is in the mailbox once'],
    ],
    [
      'a skipped mail that has not bounced',
      `UPDATE outbox SET status = 'queued', settled_at = NULL,
      attempts = 0 WHERE status = 'bounced'`,
      ['Every mail was sent, or has bounced', 'Every mail that was skipped has bounced'],
    ],
  ])('shows %s', async (_what, sql, expected) => {
    expect(await broken(delivered)).toEqual([])
    await env.DB.prepare(sql).run()
    expect(await broken(delivered)).toEqual(expected)
  })
})

it('reset and clean leave no mail behind', async () => {
  for (const empty of [() => resetShop(env.DB), () => cleanShop(env.DB, env.FILES)]) {
    await drain((await campaign(5)).sender)
    await empty()
    const left = await env.DB.batch<{ count: number }>(
      ['outbox', 'mailbox', 'mail_metrics'].map((table) =>
        env.DB.prepare(`SELECT count(*) AS count FROM ${table}`),
      ),
    )
    expect(left.map(({ results }) => results[0]?.count)).toEqual([0, 0, 0])
  }
})
