import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dogear } from './support/dogear.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'

const TOKEN = 'operator-77ab31e0c4'

let worker: FreshWorker

beforeAll(async () => {
  const tokens = [{ name: 'ci', role: 'operator', token: TOKEN }]
  worker = await startFreshWorker({ vars: { API_TOKENS: JSON.stringify(tokens) } })
})
afterAll(() => worker.remove())

/** The status of a request that names another host than the one it is sent to. */
function statusFor(host: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${worker.url}/api/runs`, { headers: { ...headers, host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .once('error', reject)
      .end()
  })
}

describe('a Worker that was started for development', () => {
  it('lets in who asks at a loopback name, and nobody whose name merely resolves to it', async () => {
    const { port } = new URL(worker.url)
    expect(await statusFor(`localhost:${port}`)).toBe(200)
    expect(await statusFor('rebound.example')).toBe(401)
    expect(await statusFor(`rebound.example:${port}`)).toBe(401)
    expect(await statusFor('rebound.example', { authorization: `Bearer ${TOKEN}` })).toBe(200)
  })

  it('takes the command for whom its token names', async () => {
    const audited = async () => {
      const answer = await fetch(`${worker.url}/api/audit?limit=1`)
      const { entries } = await answer.json<{ entries: unknown[] }>()
      return entries[0]
    }
    const start = ['run', 'process-orders', '--hold']
    expect(await dogear(worker.url, ...start)).toMatchObject({ code: 0 })
    expect(await audited()).toMatchObject({ actor: 'developer', how: 'dev', status: 201 })
    expect(await dogear(worker.url, '--token', TOKEN, ...start)).toMatchObject({ code: 0 })
    expect(await audited()).toMatchObject({ actor: 'ci', how: 'token', status: 201 })
  })

  it('refuses a command whose token is wrong, or may not do that', async () => {
    const wrong = await dogear(worker.url, '--token', 'wrong-5f1d0c2b9a', 'runs')
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(/^dogear: The bearer token.*\(unauthenticated\)\n$/)
    const low = await dogear(worker.url, '--token', TOKEN, 'clean')
    expect(low.stderr).toMatch(/^dogear: 'ci' is operator; expected admin.*\(forbidden\)\n$/)
    expect(low.code).toBe(1)
  })
})
