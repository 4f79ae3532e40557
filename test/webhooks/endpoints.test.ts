import { describe, expect, it, vi } from 'vitest'
import { readEndpoints } from '../../src/webhooks/endpoints.ts'
import { signedHeaders } from '../../src/webhooks/signature.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const good = { name: 'team', url: 'https://hooks.example/x?key=hidden', secret: SECRET }

describe('the setting WEBHOOKS', () => {
  it('names endpoints, with what they want to hear', () => {
    const text = JSON.stringify([
      good,
      {
        ...good,
        name: 'rest',
        url: 'http://127.0.0.1:9000/',
        secret: [SECRET, SECRET],
        jobs: ['a'],
      },
    ])
    expect(readEndpoints({ WEBHOOKS: text })).toEqual({
      endpoints: [
        { name: 'team', url: good.url, secrets: [SECRET] },
        { name: 'rest', url: 'http://127.0.0.1:9000/', secrets: [SECRET, SECRET], jobs: ['a'] },
      ],
    })
    expect(readEndpoints({})).toEqual({ endpoints: [] })
  })

  it.each<[what: string, setting: unknown, found: string]>([
    ['no JSON', 'https://hooks.example', 'it is not JSON'],
    ['no list', good, '[] Invalid input'],
    ['a name twice', [good, good], '[] two endpoints have the same name'],
    ['plain HTTP', [{ ...good, url: 'http://hooks.example/hidden' }], '[0.url] is not a URL that'],
    ['a password', [{ ...good, url: 'https://me:hidden@hooks.example' }], '[0.url] is not a URL'],
    ['another scheme', [{ ...good, url: 'file:///hidden' }], '[0.url] is not a URL'],
    [
      'a short secret',
      [{ ...good, secret: 'whsec_aGlkZGVu' }],
      "[0.secret] is not 'whsec_' and 24 to 64 bytes",
    ],
    ['no secret', [{ ...good, secret: 'hidden' }], "[0.secret] is not 'whsec_' and 24 to 64 bytes"],
    ['an unknown event', [{ ...good, events: ['run.hidden'] }], '[0.events.0] Invalid option'],
    ['an unknown field', [{ ...good, hidden: 1 }], '[0] has a field that is not known'],
  ])('with %s sends nothing, and says why without any value', (_what, setting, found) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const WEBHOOKS = typeof setting === 'string' ? setting : JSON.stringify(setting)
    const read = readEndpoints({ WEBHOOKS })
    expect(read.endpoints).toEqual([])
    expect(read.problem).toContain(`WEBHOOKS is malformed, so nothing is sent: ${found}`)
    expect(readEndpoints({ WEBHOOKS })).toBe(read)
    const logged = log.mock.calls.splice(0)
    expect(logged).toHaveLength(1)
    expect(logged[0]?.[0]).toContain('"event":"webhooks.misconfigured"')
    for (const text of [read.problem, ...logged.flat()]) {
      expect(text).not.toMatch(/hidden|aGlkZGVu|hooks\.example/)
    }
  })
})

describe('a signature', () => {
  it('is that of the specification', async () => {
    const body = '{"test": 2432232314}'
    const headers = await signedHeaders(
      [SECRET],
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330_000,
      body,
    )
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })
})
