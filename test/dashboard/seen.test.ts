import { afterEach, expect, it, vi } from 'vitest'
import { fetchSeen, seenJson } from '../../src/dashboard/state/seen.ts'

afterEach(() => void vi.unstubAllGlobals())

const TURNED = 'a\u202egnp.exe \u2066b\u2069 z\u200bero \u009b31m \u2028'

function answering(text: string, type: string): void {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response(new TextEncoder().encode(text), { headers: { 'content-type': type } }),
    ),
  )
}

it('F13 what turns a line of the page around is written out, and the rest stays', () => {
  const read = JSON.parse(seenJson(JSON.stringify({ [TURNED]: [TURNED] }))) as unknown
  const seen = String.raw`a\u202egnp.exe \u2066b\u2069 z\u200bero \u009b31m \u2028`
  expect(read).toEqual({ [seen]: [seen] })
  const text = JSON.stringify(['Müller', 'עברית', '👨‍👩‍👧', 'می‌خواهم', '\u001b\n'])
  expect(seenJson(text)).toBe(text)
})

it.each(['application/json', 'application/problem+json', 'text/event-stream'])(
  'in answers of %s',
  async (type) => {
    answering(`data: ${JSON.stringify(TURNED)}\n\n`, type)
    const answer = await fetchSeen('/api/runs', {})
    expect(answer.headers.get('content-type')).toBe(type)
    expect(await answer.text()).toContain(String.raw`a\\u202egnp.exe`)
  },
)

it('but not in what forms send back', async () => {
  answering(JSON.stringify(TURNED), 'application/json')
  expect(await (await fetchSeen('/api/jobs', {})).json()).toBe(TURNED)
})
