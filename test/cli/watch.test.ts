import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { aRun } from '../support/a-run.ts'

let printed: string[]
beforeEach(() => {
  printed = []
  const write = (line: unknown) => void printed.push(String(line))
  vi.spyOn(console, 'log').mockImplementation(write)
  vi.spyOn(console, 'error').mockImplementation(write)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})
const waited = vi.hoisted(() => ({ ms: [] as number[], enough: 0 }))
vi.mock(import('node:timers/promises'), async (original) => ({
  ...(await original()),
  setTimeout: (async (ms: number) => {
    waited.ms.push(ms)
    if (waited.ms.length === waited.enough) throw new Error('Ctrl-C')
  }) as never,
}))

/** What is printed by so many looks at a Worker that answers like this. */
async function looks(count: number, answer: (n: number) => Response, ...words: string[]) {
  waited.ms = []
  waited.enough = count
  let n = 0
  vi.stubGlobal('fetch', async () => answer((n += 1)))
  const typed = createProgram({ main: '' }).parseAsync(['--url', 'http://worker', ...words], {
    from: 'user',
  })
  await expect(typed).rejects.toThrow('Ctrl-C')
  return printed
}

const listOf = (n: number) =>
  Response.json({ runs: [aRun({ job: `job-${n}`, status: 'running' })], nextCursor: null })

describe('A list that is watched', () => {
  it('is asked for again and again, every two seconds or as often as given', async () => {
    const shown = await looks(3, listOf, 'runs', '--watch')
    expect(waited.ms).toEqual([2_000, 2_000, 2_000])
    expect(shown).toHaveLength(3)
    expect(shown[0]).toMatch(/^Every 2 s; \d\d:\d\d:\d\d UTC; Ctrl-C ends\n\n/)
    expect(shown.map((text) => /job-\d/.exec(text)?.[0])).toEqual(['job-1', 'job-2', 'job-3'])
    await looks(1, listOf, 'runs', '-w', '5')
    expect(waited.ms).toEqual([5_000])
  })

  it('outlasts a Worker that is out of reach or has had enough', async () => {
    const shown = await looks(
      3,
      (n) => {
        if (n === 1) throw new TypeError('fetch failed')
        return n === 2 ? Response.json({ code: 'rate_limited' }, { status: 429 }) : listOf(n)
      },
      'runs',
      '--watch',
    )
    expect(shown[0]).toContain('(unreachable)')
    expect(shown[1]).toContain('(rate_limited)')
    expect(shown[2]).toContain('job-3')
  })

  it('ends with what is wrong for good', async () => {
    vi.stubGlobal('fetch', async () =>
      Response.json({ code: 'forbidden', status: 403, detail: 'No' }, { status: 403 }),
    )
    const typed = createProgram({ main: '' }).parseAsync(
      ['--url', 'http://worker', 'alerts', '--watch'],
      { from: 'user' },
    )
    await expect(typed).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is a document each time with --json', async () => {
    const shown = await looks(2, listOf, '--json', 'runs', '--watch')
    const jobs = shown.map((text) => (JSON.parse(text) as { runs: { job: string }[] }).runs[0]?.job)
    expect(jobs).toEqual(['job-1', 'job-2'])
  })
})

describe('dogear explain', () => {
  const explain = async (...words: string[]) => {
    await createProgram({ main: '' }).parseAsync(['explain', ...words], { from: 'user' })
    return printed
  }

  it('says what a word means, in the plural too, and asks no Worker', async () => {
    expect(await explain('Fences')).toEqual([
      'fence: a number that grows with each claim; commits of a smaller one are refused',
    ])
    expect((await explain('idempotency', 'key'))[1]).toMatch(/^idempotency key: of a request/)
  })

  it('lists all words', async () => {
    expect((await explain())[0]?.split('\n').length).toBeGreaterThan(50)
  })

  it('names the nearest of a word that it does not have', async () => {
    await expect(explain('fense')).rejects.toThrow(/'fense'.*fence/)
    expect(printed).toEqual([])
  })
})
