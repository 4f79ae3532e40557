import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { batchEmailsIteration } from '../../src/shop/jobs/batch-emails-iteration.ts'
import { batchEmails } from '../../src/shop/jobs/batch-emails.ts'
import { bulkWelcomeEmail } from '../../src/shop/jobs/bulk-welcome-email.ts'
import { deliverMail } from '../../src/shop/jobs/deliver-mail.ts'
import { shopJobs } from '../../src/shop/jobs/index.ts'
import { notifyAdmin } from '../../src/shop/jobs/notify-admin.ts'
import { sendOnboardingTips } from '../../src/shop/jobs/send-onboarding-tips.ts'
import { sendWelcomeEmail } from '../../src/shop/jobs/send-welcome-email.ts'
import { trackBulkEmailMetrics } from '../../src/shop/jobs/track-bulk-email-metrics.ts'
import { trackSignupMetrics } from '../../src/shop/jobs/track-signup-metrics.ts'
import { resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import type { Campaign } from '../../src/shop/mail/letters.ts'
import type { Job } from '../../src/engine/index.ts'
import { upTo } from '../support/drive.ts'
import { letBounce } from '../support/mail.ts'
import { TIMES } from '../support/times.ts'

// The mail jobs, killed and disturbed at every call they make; see docs/testing.md. Calls to the provider
// happen at least once, so how often it was called is no part of the outcome; which mails it has is.

const PATIENT = { timeout: 120_000 * TIMES }

async function rows(sql: string): Promise<unknown[]> {
  return (await env.DB.prepare(sql).all()).results
}

async function mails(): Promise<{ outbox: unknown[]; mailbox: unknown[] }> {
  return {
    outbox: await rows(
      'SELECT customer_id, template, status, attempts FROM outbox ORDER BY customer_id, template, id',
    ),
    mailbox: await rows('SELECT recipient, subject FROM mailbox ORDER BY recipient, subject, id'),
  }
}

beforeAll(async () => {
  await seedShop(env.DB, { customers: 120, orders: 0 })
  await letBounce(3)
})

describe('a campaign', () => {
  /** Without the sender that follows it, which has an exploration of its own. */
  const alone = (job: Job<Campaign>): Job<Campaign> => {
    const copy = { ...job }
    delete copy.continuations
    return copy
  }

  it.each([
    ['batch-emails', alone(batchEmails)],
    ['batch-emails-iteration', alone(batchEmailsIteration)],
  ])(
    'B01 B02 B16 %s queues one mail for each recipient, whatever dies and whenever',
    PATIENT,
    async (_name, job) => {
      const { state, schedules, unmet } = await exploreCrashes(job, {
        given: () => resetShop(env.DB),
        then: async ({ result, progress }) => ({ result, progress, ...(await mails()) }),
        // Three batches, a commit each.
        commit: { everyItems: 50 },
        maxSchedules: 30 * TIMES,
      })
      expect(state).toMatchObject({ progress: { done: 120, total: 120, skipped: 0 } })
      const { outbox } = state as { outbox: { customer_id: number }[] }
      expect(outbox.map((mail) => mail.customer_id)).toEqual(upTo(120))
      expect(schedules).toBe(30)
      expect(unmet).toEqual([])
    },
  )

  it('B01 B02 B16 deliver-mail leaves one mail per key', PATIENT, async () => {
    const queued = `INSERT INTO outbox (key, run_id, customer_id, recipient, template, subject, body, queued_at)
      SELECT 'campaign/' || id, 'campaign', id, email, 'campaign', 'S', 'B', '' FROM customers WHERE id <= 4`
    const { state, schedules, unmet } = await exploreCrashes(deliverMail, {
      params: { campaign: 'campaign' },
      given: async () => {
        await resetShop(env.DB)
        await env.DB.prepare(queued).run()
      },
      then: async ({ progress }) => ({ progress, ...(await mails()) }),
      maxSchedules: 40 * TIMES,
    })
    expect(state).toMatchObject({
      progress: { done: 3, total: 4, skipped: 1 },
      mailbox: [{}, {}, {}],
    })
    expect(schedules).toBe(40)
    expect(unmet).toEqual([])
  })
})

describe('what follows up on mails', () => {
  const one = { customer: 1 }
  const follow = async (job: Job, params: object) => {
    const { state, unmet } = await exploreCrashes(job, {
      params,
      given: () => resetShop(env.DB),
      then: async ({ result, completedSteps }) => ({
        completedSteps,
        result,
        ...(await mails()),
        metrics: await rows('SELECT name, value FROM mail_metrics ORDER BY id'),
      }),
      jobs: shopJobs,
      maxSchedules: 10 * TIMES,
    })
    expect(unmet).toEqual([])
    return state
  }

  it.each([
    ['notify-admin', notifyAdmin as Job, 'admin'],
    ['send-onboarding-tips', sendOnboardingTips as Job, 'onboarding'],
  ])(
    'B01 B02 B16 %s sends its one mail, whatever dies and whenever',
    PATIENT,
    async (_, job, template) => {
      expect(await follow(job, one)).toMatchObject({
        result: { status: 'sent' },
        outbox: [{ template, status: 'sent' }],
        mailbox: [{}],
      })
    },
  )

  it.each([
    ['track-signup-metrics', trackSignupMetrics as Job, one, ['signup_completed']],
    [
      'track-bulk-email-metrics',
      trackBulkEmailMetrics as Job,
      { campaign: 'none' },
      ['bulk_email_sent', 'bulk_email_bounced', 'bulk_email_unsent'],
    ],
  ])(
    'B01 B02 B16 %s counts once, whatever dies and whenever',
    PATIENT,
    async (_, job, params, names) => {
      expect(await follow(job, params)).toMatchObject({ metrics: names.map((name) => ({ name })) })
    },
  )
})

describe('the welcome', () => {
  it('B01 B02 B16 of one customer is a mail, and each follow-up once', PATIENT, async () => {
    const { state, unmet } = await exploreCrashes(sendWelcomeEmail, {
      params: { customer: 1 },
      jobs: shopJobs,
      given: () => resetShop(env.DB),
      then: async ({ completedSteps, children }) => ({
        completedSteps,
        children,
        ...(await mails()),
        metrics: await rows('SELECT name, subject, value FROM mail_metrics'),
      }),
      maxSchedules: 8 * TIMES,
    })
    expect(state).toMatchObject({
      outbox: [{ template: 'admin' }, { template: 'onboarding' }, { template: 'welcome' }],
      mailbox: [{}, {}, {}],
      metrics: [{ name: 'signup_completed', subject: '1' }],
    })
    expect(unmet).toEqual([])
  })

  it('B01 B02 B16 of many is a mail to each, and its figures once', PATIENT, async () => {
    const { state, unmet } = await exploreCrashes(bulkWelcomeEmail, {
      params: { upTo: 4 },
      jobs: shopJobs,
      given: () => resetShop(env.DB),
      then: async ({ result }) => ({ result, ...(await mails()) }),
      maxSchedules: 8 * TIMES,
    })
    expect(state).toMatchObject({ result: { queued: 4 }, mailbox: [{}, {}, {}] })
    expect(unmet).toEqual([])
  })
})
