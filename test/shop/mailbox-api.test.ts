import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { batchEmails } from '../../src/shop/jobs/batch-emails.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { call } from '../support/api.ts'
import { drain, start, upTo } from '../support/drive.ts'

let run = ''

beforeAll(async () => {
  await seedShop(env.DB, { customers: 7, orders: 0 })
  for (let campaigns = 1; campaigns <= 2; campaigns++) {
    const queued = await drain(
      await start(batchEmails, { params: { subject: `No. ${campaigns}` } }),
    )
    await drain(queued.children[0] as string)
    run = queued.id
  }
})

type Page = { mails: { id: number; to: string; subject: string }[]; nextCursor: string | null }

async function page(query = ''): Promise<Page> {
  const { status, json } = await call('GET', `/api/shop/mailbox${query}`)
  expect(status).toBe(200)
  return json as unknown as Page
}

describe('GET /api/shop/mailbox', () => {
  it('shows the mails, newest first, page by page', async () => {
    const ids: number[] = []
    let cursor: string | null = null
    do {
      const found: Page = await page(`?limit=4${cursor === null ? '' : `&cursor=${cursor}`}`)
      expect(found.mails.length).toBeLessThanOrEqual(4)
      ids.push(...found.mails.map(({ id }) => id))
      cursor = found.nextCursor
    } while (cursor !== null)
    expect(ids).toEqual(upTo(14).toReversed())
    expect((await page('?limit=14')).nextCursor).toBeNull()
  })

  it('shows a mail whole', async () => {
    const [mail] = (await page('?limit=1')).mails
    const { name, email } = (await env.DB.prepare(
      'SELECT name, email FROM customers WHERE id = 7',
    ).first<{ name: string; email: string }>()) ?? { name: '', email: '' }
    expect(mail).toEqual({
      id: 14,
      key: `${run}/7`,
      to: email,
      subject: 'No. 2',
      body: `Dear ${name},\n\nThere is something new in the shop for you.\n`,
      calls: 1,
      receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
  })

  it('shows the mails to one address', async () => {
    const [{ to } = { to: '' }] = (await page('?limit=1')).mails
    const { mails } = await page(`?to=${encodeURIComponent(to)}`)
    expect(mails.map((mail) => [mail.to, mail.subject])).toEqual([
      [to, 'No. 2'],
      [to, 'No. 1'],
    ])
    expect((await page('?to=nobody@example.com')).mails).toEqual([])
  })

  it.each(['?limit=0', '?limit=501', '?cursor=x', '?cursor=-1', '?from=me'])(
    'refuses %s',
    async (query) => {
      const { status, json } = await call('GET', `/api/shop/mailbox${query}`)
      expect([status, json['code']]).toEqual([400, 'invalid_query'])
    },
  )

  it('is in the API’s description', async () => {
    const { json } = await call('GET', '/openapi.json')
    expect(json['paths']).toHaveProperty(['/api/shop/mailbox', 'get'])
  })
})
