import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { liveChecks } from '../../../../src/cli/project/checks/live-checks.ts'
import { mergeChecks } from '../../../../src/cli/project/doctor.ts'
import { complaints, goodFolder, ProjectFolder, wiredFolder } from '../project-folder.ts'

/** What it says of a Worker that is not well. */
const UNWELL = {
  ok: false,
  checks: [
    { name: 'cron', ok: true, found: 'rang within the last 3 minutes', todo: '' },
    { name: 'queue', ok: false, found: 'was not taken', todo: 'add the queue' },
  ],
}

/** What a Worker answers. */
async function answering(body: unknown, status = 200): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/dogear`
}

describe('dogear doctor of a Worker that runs', () => {
  it('adds what the Worker says of itself, whose word counts more', async () => {
    const url = await answering({
      ok: false,
      checks: [
        { name: 'schema', ok: false, found: 'version 1, expected 2', todo: 'npx dogear migrate' },
        { name: 'access', ok: true, found: 'API_TOKENS', todo: '' },
      ],
    })
    const { code, stdout } = await (await wiredFolder()).dogear('doctor', '--url', url)
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(/^wrong {2}schema +version 1, expected 2\. To do: npx dogear migrate$/),
    ])
    expect(code).toBe(1)
  })

  it('says so when the Worker that it was told of is not there', async () => {
    const { code, stdout } = await (
      await goodFolder()
    ).dogear('doctor', '--url', 'http://127.0.0.1:1/dogear')
    expect(complaints(stdout)[0]).toMatch(/^wrong {2}worker .*127\.0\.0\.1:1\/dogear/)
    expect(code).toBe(1)
  })

  it('asks for a token where it is not let in', async () => {
    const url = await answering({ code: 'unauthenticated', detail: 'who are you?' }, 401)
    const { code, stdout } = await (await goodFolder()).dogear('doctor', '--url', url)
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(
        /^note {3}worker .*who are you\?\. To do: npx dogear doctor --token TOKEN$/,
      ),
    ])
    expect(code).toBe(0)
  })

  it('says so when something else answers there', async () => {
    const url = await answering({ ok: true })
    const { stdout } = await (await goodFolder()).dogear('doctor', '--url', url)
    expect(complaints(stdout)[0]).toContain('is no Dogear that can look at itself')
  })

  it('asks a Worker whose files are elsewhere, and says that it has not seen these', async () => {
    const url = await answering({ ok: true, checks: UNWELL.checks.slice(0, 1) })
    const { code, stdout, stderr } = await new ProjectFolder({}).dogear('doctor', '--url', url)
    expect(stdout, stderr).toContain(
      `Nothing wrong in 1 check of ${url}. Not everything was looked at:`,
    )
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(/^note {3}files +not looked at: found none of wrangler\.json, /),
    ])
    expect(code).toBe(0)
  })

  it('takes the word of the Worker that package.json names', async () => {
    const folder = await goodFolder()
    const url = await answering(UNWELL)
    folder.write('package.json', JSON.stringify({ dogear: { url } }))
    const { code, stdout } = await folder.dogear('doctor')
    expect(complaints(stdout)).toEqual([expect.stringMatching(/^wrong {2}queue +was not taken/)])
    expect(code).toBe(1)
  })
})

describe('What a Worker says that nobody has named', () => {
  const at = (url: string) => liveChecks({ url, token: undefined, isNamed: false })

  it('is only noted, with the address, and stands beside what the files say', async () => {
    const url = await answering(UNWELL)
    const live = await at(url)
    expect(live).toEqual([
      { name: 'cron (guess)', ok: true, found: 'rang within the last 3 minutes', todo: '' },
      {
        name: 'queue (guess)',
        ok: true,
        found: `${url} was asked, which may be another Worker: was not taken`,
        todo: 'add the queue',
      },
    ])
    const seen = [{ name: 'queue', ok: false, found: 'nobody takes it', todo: 'add it' }]
    expect(mergeChecks(seen, live ?? [])).toEqual([...seen, ...(live ?? [])])
  })

  it('is nothing where none answers, or something else does', async () => {
    expect(await at('http://127.0.0.1:1/dogear')).toBeUndefined()
    expect(await at(await answering({ ok: true }))).toBeUndefined()
    expect(await at(await answering({}, 500))).toBeUndefined()
  })

  it('is noted where it lets nobody look', async () => {
    const url = await answering({ code: 'unauthenticated', detail: 'who are you?' }, 401)
    expect(await at(url)).toEqual([
      expect.objectContaining({ ok: true, found: expect.stringContaining(`${url} was asked`) }),
    ])
  })
})
