import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { batchEmailsIteration } from '../../src/shop/jobs/batch-emails-iteration.ts'
import { batchEmails } from '../../src/shop/jobs/batch-emails.ts'
import { resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import type { RunView } from '../../src/engine/index.ts'
import { FaultyDatabase } from '../../src/testing/faulty-database.ts'
import { call } from '../support/api.ts'
import { deliver, drain, start, upTo, view } from '../support/drive.ts'
import { broken, outboxOf } from '../support/mail.ts'

beforeAll(async () => {
  await seedShop(env.DB, { customers: 5_000, orders: 0 })
})

beforeEach(async () => {
  await resetShop(env.DB)
})

async function queued(run: string): Promise<(number | null)[]> {
  return (await outboxOf(run)).map(({ customer }) => customer)
}

describe.each([
  ['in steps', batchEmails, 'send_batches', ['load_recipients']],
  ['as an iteration', batchEmailsIteration, null, []],
])('a campaign to 5,000 recipients in batches of 50, %s', (_style, job, step, completedSteps) => {
  it('stops exactly before batch 30, and goes on with it', async () => {
    const started = await call('POST', `/api/jobs/${job.name}/runs`, {
      interrupt: { at: 'batch:30' },
      hold: true,
    })
    expect(started.status).toBe(201)
    const { id } = started.json as unknown as RunView

    const held = await drain(id)
    expect(held).toMatchObject({
      status: 'interrupted',
      held: true,
      reason: 'signal',
      progress: { done: 1_450, total: 5_000, skipped: 0 },
    })
    expect((await call('GET', `/api/runs/${id}/checkpoint`)).json).toMatchObject({
      step,
      cursor: 1_450,
      completedSteps,
    })
    expect(await queued(id)).toEqual(upTo(1_450))
    expect(await broken(held)).toEqual(
      step === null
        ? ['Every recipient counted at the start was met', 'Run completed', 'Lease free']
        : [
            'Every recipient of the campaign is in the outbox',
            'Every recipient counted at the start was met',
            'Run completed',
            'Lease free',
          ],
    )

    await call('POST', `/api/runs/${id}/resume`)
    const read: string[] = []
    const { binding: DB } = new FaultyDatabase(env.DB, ({ sql }) => {
      read.push(...sql.filter((text) => text.includes('FROM customers')))
      return undefined
    })
    await deliver(id, { DB })
    const completed = await drain(id)
    expect(completed).toMatchObject({
      status: 'completed',
      progress: { done: 5_000, total: 5_000 },
      result: { queued: 5_000, sent: 0, bounced: 0 },
      resumptions: 1,
      children: [expect.any(String)],
    })
    // Batches 30 to 100, several at once, and none of those before.
    expect(read.length).toBeLessThanOrEqual(71)
    const { d1RowsRead } = completed.cost
    // Six rows for each recipient: read once, and looked up as it is queued.
    expect(d1RowsRead - held.cost.d1RowsRead).toBeLessThan(6 * 3_550)
    expect(await queued(id)).toEqual(upTo(5_000))
    expect(await broken(completed)).toEqual([])
    expect(await view(completed.children[0] as string)).toMatchObject({
      job: 'deliver-mail',
      params: { campaign: id },
    })
  })

  it('gives each mail a key of its own, and says what the campaign says', async () => {
    const params = { subject: 'Sale', text: 'All must go.', upTo: 2 }
    const run = await drain(await start(job, { params }))
    const { results } = await env.DB.prepare(
      'SELECT outbox.key, subject, body, name FROM outbox JOIN customers ON customers.id = customer_id ORDER BY outbox.id',
    ).all<{ key: string; subject: string; body: string; name: string }>()
    expect(results.map(({ key }) => key)).toEqual([`${run.id}/1`, `${run.id}/2`])
    for (const { subject, body, name } of results)
      expect([subject, body]).toEqual(['Sale', `Dear ${name},\n\nAll must go.\n`])
    expect(await broken(run)).toEqual([])
  })

  it('leaves out customers without an address', async () => {
    await env.DB.prepare('UPDATE customers SET email = NULL WHERE id IN (2, 4)').run()
    const run = await drain(await start(job, { params: { upTo: 5 } }))
    expect(await queued(run.id)).toEqual([1, 3, 5])
    expect(run.progress).toEqual({ done: 3, total: 3, skipped: 0 })
    expect(await broken(run)).toEqual([])
    await env.DB.prepare(
      `UPDATE customers SET email = id || '@example.com' WHERE id IN (2, 4)`,
    ).run()
  })

  it('completes when there is nobody to write to', async () => {
    await env.DB.prepare('UPDATE customers SET email = NULL WHERE id = 1').run()
    const run = await drain(await start(job, { params: { upTo: 1 } }))
    expect(run).toMatchObject({ status: 'completed', progress: { done: 0, total: 0 } })
    expect(await broken(run)).toEqual([])
    await env.DB.prepare(`UPDATE customers SET email = '1@example.com' WHERE id = 1`).run()
  })

  it('shows in its proof a mail too many, one too few, and one that is missing', async () => {
    const run = await drain(await start(job, { params: { upTo: 60 } }))
    const again = `INSERT INTO outbox SELECT id + 100, key, run_id, customer_id, recipient, template,
      subject, body, status, attempts, provider, provider_id, bounce_reason, queued_at, settled_at
      FROM outbox WHERE customer_id = 7`
    await env.DB.prepare(again).run()
    expect(await broken(run)).toEqual([
      'No recipient has two mails',
      'Each mail queued exactly once',
    ])
    await env.DB.prepare('DELETE FROM outbox WHERE customer_id = 7').run()
    expect(await broken(run)).toEqual([
      'Every recipient of the campaign is in the outbox',
      'Each mail queued exactly once',
    ])
  })
})

describe('where a campaign can be asked to stop', () => {
  it.each(['batch:0', 'batch:one', 'order:30', 'batch:'])('is not %s', async (at) => {
    const answer = await call('POST', '/api/jobs/batch-emails/runs', { interrupt: { at } })
    expect([answer.status, answer.json['code']]).toEqual([422, 'invalid_options'])
  })

  it('is in the list of jobs', async () => {
    const { json } = await call('GET', '/api/jobs')
    expect(json['jobs']).toContainEqual(
      expect.objectContaining({ name: 'batch-emails', unit: 'batch', unitSize: 50 }),
    )
  })
})
