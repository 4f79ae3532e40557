import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunView } from '../../src/engine/index.ts'
import { bulkWelcomeEmail } from '../../src/shop/jobs/bulk-welcome-email.ts'
import { shopJobs } from '../../src/shop/jobs/index.ts'
import { notifyAdmin } from '../../src/shop/jobs/notify-admin.ts'
import { sendOnboardingTips } from '../../src/shop/jobs/send-onboarding-tips.ts'
import { sendWelcomeEmail } from '../../src/shop/jobs/send-welcome-email.ts'
import { resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { interruptDuringStep, testBench } from '../../src/testing/index.ts'
import { broken, letBounce, mailboxOf, outboxOf } from '../support/mail.ts'

const CUSTOMERS = 24
const bench = testBench({ jobs: shopJobs })

beforeAll(async () => {
  await seedShop(env.DB, { customers: CUSTOMERS, orders: 0 })
  await letBounce(5, 13)
})

beforeEach(async () => {
  await resetShop(env.DB)
})

async function metrics(): Promise<unknown[]> {
  const { results } = await env.DB.prepare(
    'SELECT name, subject, value FROM mail_metrics ORDER BY id',
  ).all()
  return results
}

/** The follow-up run of a job that a run has started. */
async function childOf(run: RunView, job: string): Promise<RunView> {
  const children = await Promise.all(run.children.map((id) => bench.view(id)))
  const child = children.find((one) => one.job === job)
  if (!child) throw new Error(`${run.job} has started ${children.map((one) => one.job).join()}`)
  return child
}

describe('the welcome of a customer', () => {
  it('is a mail, five minutes later tips, and then a metric; the admin hears of it at once', async () => {
    const welcome = await bench.runInline(sendWelcomeEmail, { customer: 1 })
    expect(welcome).toMatchObject({
      status: 'completed',
      completedSteps: ['queue_mail', 'deliver_mail'],
      result: { status: 'sent', provider: 'mailbox' },
    })
    expect(await mailboxOf(welcome.id)).toEqual([{ key: `${welcome.id}/1`, calls: 1 }])
    expect(await broken(welcome)).toEqual([])

    const admin = await bench.deliver((await childOf(welcome, 'notify-admin')).id)
    expect(admin).toMatchObject({ status: 'completed', children: [] })
    expect(await outboxOf(admin.id)).toMatchObject([
      { customer: null, recipient: 'admin@example.com', template: 'admin', status: 'sent' },
    ])

    const tips = await childOf(welcome, 'send-onboarding-tips')
    await bench.clock.advance('4 minutes')
    expect(await bench.view(tips)).toMatchObject({ status: 'queued', params: { customer: 1 } })
    expect(await outboxOf(tips.id)).toEqual([])
    await bench.clock.advance('1 minute')
    const tipped = await bench.deliver(tips)
    expect(tipped).toMatchObject({ status: 'completed', parent: welcome.id })
    expect(await outboxOf(tipped.id)).toMatchObject([{ template: 'onboarding', status: 'sent' }])

    expect(await metrics()).toEqual([])
    const tracked = await bench.drive(await childOf(tipped, 'track-signup-metrics'))
    expect(tracked).toMatchObject({ status: 'completed', parent: tipped.id })
    expect(await metrics()).toEqual([{ name: 'signup_completed', subject: '1', value: 1 }])
    for (const run of [admin, tipped, tracked]) expect(await broken(run)).toEqual([])
    await env.DB.prepare(
      'INSERT INTO mail_metrics SELECT NULL, run_id, name, subject, value, recorded_at FROM mail_metrics',
    ).run()
    expect(await broken(tracked)).toEqual([
      'Each figure recorded once',
      'The figures add up to all there was to count',
    ])
  })

  it('ends with a mail that bounces', async () => {
    const welcome = await bench.runInline(sendWelcomeEmail, { customer: 5 })
    expect(welcome).toMatchObject({
      status: 'completed',
      result: { status: 'bounced', reason: expect.stringContaining('5@bounce.example') },
      children: [],
    })
    expect(await outboxOf(welcome.id)).toMatchObject([{ status: 'bounced', attempts: 1 }])
    expect(await mailboxOf(welcome.id)).toEqual([])
    expect(await broken(welcome)).toEqual([])
    const tips = await bench.runInline(sendOnboardingTips, { customer: 5 })
    expect(tips.children).toEqual([])
  })

  it.each([
    [CUSTOMERS + 1, `There is no customer ${CUSTOMERS + 1}`],
    [2, 'Customer 2 has no e-mail address'],
  ])('of customer %s is given up', async (customer, message) => {
    await env.DB.prepare('UPDATE customers SET email = NULL WHERE id = 2').run()
    const run = await bench.runInline(sendWelcomeEmail, { customer })
    expect(run).toMatchObject({
      status: 'cancelled',
      error: { code: 'customer_without_email', message: expect.stringContaining(message) },
      children: [],
    })
    expect(await outboxOf(run.id)).toEqual([])
    await env.DB.prepare(`UPDATE customers SET email = 'two@example.com' WHERE id = 2`).run()
  })

  it('is given up when its mail was removed before it was sent', async () => {
    const run = await bench.start(sendWelcomeEmail, { customer: 1 })
    const deps = {
      env: {
        ...env,
        get EMAIL(): never {
          throw new Error('not yet')
        },
      } as Cloudflare.Env,
    }
    await bench.deliver(run, { deps })
    expect(await outboxOf(run.id)).toHaveLength(1)
    await resetShop(env.DB)
    expect(await bench.drive(run)).toMatchObject({
      status: 'cancelled',
      error: { code: 'mail_gone' },
      children: [],
    })
  })

  it('tells another admin where one is named', async () => {
    const run = await bench.runInline(notifyAdmin, { customer: 3, to: 'boss@example.com' })
    expect(await outboxOf(run.id)).toMatchObject([{ recipient: 'boss@example.com' }])
    await expect(bench.start(notifyAdmin, { customer: 3, to: 'boss' })).rejects.toMatchObject({
      code: 'invalid_params',
    })
  })
})

describe('the bulk welcome', () => {
  it('queues, then delivers, then takes its figures', async () => {
    const run = await bench.start(bulkWelcomeEmail, {}, { commit: { everyItems: 5 } })
    expect(await interruptDuringStep(run, 'send_emails', { cursor: 11 }, bench)).toMatchObject({
      completedSteps: ['initialize_scope'],
      progress: { done: 10, total: CUSTOMERS },
    })
    const queued = await bench.drive(run)
    expect(queued).toMatchObject({
      status: 'completed',
      completedSteps: ['initialize_scope', 'send_emails', 'finalize'],
      result: { queued: CUSTOMERS, sent: 0, bounced: 0 },
    })
    expect(await broken(queued)).toEqual([])
    // Both are listed; the one that takes the figures is not there before the sender has ended.
    const [senderId = '', figuresId = ''] = queued.children
    expect(await bench.objects(figuresId).describe()).toBeNull()

    const sender = await bench.drive(senderId)
    expect(sender).toMatchObject({ progress: { done: CUSTOMERS - 2, skipped: 2 } })
    expect(await broken(sender)).toEqual([])

    const after = await bench.view(run)
    const tracked = await bench.drive(await childOf(after, 'track-bulk-email-metrics'))
    expect(tracked.result).toEqual({ queued: 0, sent: CUSTOMERS - 2, bounced: 2 })
    expect(await metrics()).toEqual([
      { name: 'bulk_email_sent', subject: run.id, value: CUSTOMERS - 2 },
      { name: 'bulk_email_bounced', subject: run.id, value: 2 },
      { name: 'bulk_email_unsent', subject: run.id, value: 0 },
    ])
  })

  it('may be for one region only', async () => {
    const run = await bench.runInline(bulkWelcomeEmail, { region: 'South', upTo: 10 })
    expect(await outboxOf(run.id)).toMatchObject([{ customer: 1 }, { customer: 9 }])
    expect(await broken(run)).toEqual([])
  })
})
