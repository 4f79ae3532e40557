import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { batchEmails } from '../../src/shop/jobs/batch-emails.ts'
import { sendWelcomeEmail } from '../../src/shop/jobs/send-welcome-email.ts'
import { resetShop } from '../../src/shop/data/reset.ts'
import { mailTransport } from '../../src/shop/mail/transport.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { deliver, drain, driving, start, view } from '../support/drive.ts'
import { broken, mailboxOf, outboxOf } from '../support/mail.ts'

// Cloudflare's Email Service as a Worker sees it: a binding that takes plain objects, and whose errors
// have codes. What it is told here is what it would send.

type Sent = { to: string; headers: Record<string, string> } & Record<string, unknown>

/** A binding that fails as `failing` says, by the number of the call: 1 is the first, null is success. */
function emailService(failing: (nth: number) => string | null | undefined = () => null) {
  const sent: Sent[] = []
  let calls = 0
  const send = async (mail: Sent) => {
    calls += 1
    const code = failing(calls)
    if (code === undefined) throw new Error('Network connection lost')
    if (code !== null) throw Object.assign(new Error(`refused with ${code}`), { code })
    sent.push(mail)
    return { messageId: `message-${sent.length}` }
  }
  const bindings = { ...env, EMAIL: { send }, MAIL_FROM: 'shop@example.com' }
  return { sent, bindings: bindings as unknown as Cloudflare.Env, calls: () => calls }
}

beforeAll(async () => {
  await seedShop(env.DB, { customers: 5, orders: 0 })
})

beforeEach(async () => {
  await resetShop(env.DB)
})

async function campaign(): Promise<{ run: string; sender: string }> {
  const run = await drain(await start(batchEmails))
  return { run: run.id, sender: run.children[0] as string }
}

describe('Cloudflare’s Email Service', () => {
  it('gets each mail as a plain object, with its key as a header', async () => {
    const { run, sender } = await campaign()
    const { sent, bindings } = emailService()
    const delivered = await drain(sender, { env: bindings })
    const outbox = await outboxOf(run)
    expect(sent.map(({ to, headers }) => [to, headers['X-Dogear-Key']])).toEqual(
      outbox.map(({ recipient, key }) => [recipient, key]),
    )
    expect(sent[0]).toMatchObject({
      from: 'shop@example.com',
      subject: 'News from the shop',
      text: expect.stringMatching(/^Dear /),
    })
    const { results } = await env.DB.prepare('SELECT provider, provider_id AS id FROM outbox').all()
    expect(results[4]).toEqual({ provider: 'cloudflare', id: 'message-5' })
    expect(await mailboxOf(run)).toEqual([])
    expect(await broken(delivered)).toEqual([])
  })

  it('is asked again later when it is busy', async () => {
    const { sender } = await campaign()
    const { sent, bindings } = emailService((nth) =>
      nth === 3 || nth === 4 ? 'E_RATE_LIMIT_EXCEEDED' : null,
    )
    await deliver(sender, { env: bindings })
    expect(await view(sender)).toMatchObject({
      status: 'queued',
      progress: { done: 2, skipped: 0 },
    })
    const { sendAt, updatedAt } = await driving(sender)
    // Attempt 1 of 'polynomially', with its jitter.
    expect((sendAt ?? 0) - updatedAt).toBeGreaterThanOrEqual(2_900)
    const delivered = await drain(sender, { env: bindings })
    expect(delivered).toMatchObject({ status: 'completed', progress: { done: 5, skipped: 0 } })
    expect(sent).toHaveLength(5)
    expect(await broken(delivered)).toEqual([])
  })

  it('lets a mail bounce, and the others go', async () => {
    const { run, sender } = await campaign()
    const { bindings, calls } = emailService((nth) => (nth === 2 ? 'E_RECIPIENT_SUPPRESSED' : null))
    const delivered = await drain(sender, { env: bindings })
    expect(delivered).toMatchObject({ status: 'completed', progress: { done: 4, skipped: 1 } })
    expect((await outboxOf(run)).map(({ status }) => status)).toEqual([
      'sent',
      'bounced',
      'sent',
      'sent',
      'sent',
    ])
    expect(calls()).toBe(5)
    expect(await broken(delivered)).toEqual([])
  })

  it.each([
    ['E_RATE_LIMIT_EXCEEDED', 'mail_delayed'],
    ['E_DAILY_LIMIT_EXCEEDED', 'mail_delayed'],
    ['E_INTERNAL_SERVER_ERROR', 'mail_delayed'],
    [undefined, 'mail_delayed'],
    ['E_VALIDATION_ERROR', 'mail_bounced'],
    ['E_RECIPIENT_NOT_ALLOWED', 'mail_bounced'],
    ['E_RECIPIENT_SUPPRESSED', 'mail_bounced'],
    ['E_DELIVERY_FAILED', 'mail_bounced'],
    ['E_SENDER_NOT_VERIFIED', 'E_SENDER_NOT_VERIFIED'],
    ['E_CONTENT_TOO_LARGE', 'E_CONTENT_TOO_LARGE'],
  ])('with %s means %s', async (code, meant) => {
    const mail = { id: 1, key: 'run/1', recipient: 'one@example.com', subject: 'S', body: 'B' }
    const { bindings } = emailService(() => code)
    await expect(mailTransport(bindings).send(mail)).rejects.toMatchObject({ code: meant })
  })

  it('that is set up wrongly fails the run, and skips nobody', async () => {
    const { run, sender } = await campaign()
    const { bindings } = emailService(() => 'E_SENDER_NOT_VERIFIED')
    const failed = await drain(sender, { env: bindings })
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'E_SENDER_NOT_VERIFIED' },
      progress: { done: 0, skipped: 0 },
    })
    expect((await outboxOf(run)).every(({ status }) => status === 'queued')).toBe(true)
  })

  it('wants a sender’s address', async () => {
    const { sender } = await campaign()
    const { bindings } = emailService()
    const failed = await drain(sender, { env: { ...bindings, MAIL_FROM: '' } as Cloudflare.Env })
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'mail_sender_missing' } })
  })

  it('that is busy keeps the follow-ups of a single mail waiting', async () => {
    const run = await start(sendWelcomeEmail, { params: { customer: 1 } })
    const busy = emailService(() => 'E_RATE_LIMIT_EXCEEDED')
    await deliver(run, { env: busy.bindings })
    await deliver(run, { env: busy.bindings })
    expect(await view(run)).toMatchObject({
      status: 'queued',
      completedSteps: ['queue_mail'],
      children: [],
    })
    const { sent, bindings } = emailService()
    expect((await drain(run, { env: bindings })).children).toHaveLength(2)
    expect(sent.map(({ headers }) => headers['X-Dogear-Key'])).toEqual([`${run}/1`])
  })
})
