import { describe, expect, it } from 'vitest'
import { enumerators, PageError, Throttled, Tick, type Cursor } from '../../../src/engine/index.ts'
import { retryAfterMs } from '../../../src/engine/retry-after.ts'
import { entriesOf, itemsOf, itemsOneByOne, pairsOf } from '../../support/walks.ts'

type Answer = Response | unknown[] | { items: string[]; next?: string | null }

/** An API that answers by path and query, and what it was asked. */
function api(answers: Record<string, Answer | (() => Answer)>) {
  const asked: string[] = []
  const fetch = async (url: string): Promise<Response> => {
    const { pathname, search } = new URL(url)
    asked.push(pathname + search)
    const answer = answers[pathname + search] ?? new Response('nothing here', { status: 404 })
    const given = typeof answer === 'function' ? answer() : answer
    return given instanceof Response ? given : Response.json(given)
  }
  return { asked, fetch }
}

const base = 'https://api.example.com'

function linked(items: unknown[], link?: string): Response {
  return Response.json(items, link === undefined ? {} : { headers: { link } })
}

describe('enumerators.pages.byNumber', () => {
  const answers = { '/p?page=1': ['a', 'b'], '/p?page=2': ['c'], '/p?page=3': [] }
  const walk = (fetch: (url: string) => Promise<Response>, cursor: Cursor | null = null) =>
    enumerators.pages.byNumber<string>({ cursor, fetch, url: (page) => `${base}/p?page=${page}` })

  it('gives the items of each page until one has none', async () => {
    const { asked, fetch } = api(answers)
    expect(await pairsOf(walk(fetch))).toEqual([
      ['a', { page: 1, done: 1 }],
      ['b', { page: 2, done: 0 }],
      ['c', { page: 3, done: 0 }],
    ])
    expect(asked).toEqual(['/p?page=1', '/p?page=2', '/p?page=3'])
    expect(await walk(fetch).size?.()).toBeNull()
  })

  it('goes on within a page, and never fetches one that is done', async () => {
    const pairs = await pairsOf(walk(api(answers).fetch))
    for (const [index, [, cursor]] of pairs.entries()) {
      const { asked, fetch } = api(answers)
      expect(await pairsOf(walk(fetch, cursor))).toEqual(pairs.slice(index + 1))
      expect(asked[0]).toBe(`/p?page=${cursor.page}`)
    }
    expect(await itemsOneByOne(({ cursor }) => walk(api(answers).fetch, cursor))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('may begin elsewhere, be told the last page, and find the items in the body', async () => {
    const { asked, fetch } = api({
      '/0': { items: ['a'] },
      '/1': { items: [] },
      '/2': { items: ['b'] },
    })
    const found = enumerators.pages.byNumber({
      cursor: null,
      fetch,
      first: 0,
      url: (page) => `${base}/${page}`,
      items: (body: { items: string[] }) => body.items,
      last: (_body, response) => response.status === 200 && asked.length === 3,
    })
    expect(await entriesOf(found)).toEqual([
      ['a', { page: 1, done: 0 }],
      new Tick({ page: 2, done: 0 }),
      ['b', { page: 2, done: 1 }],
    ])
  })

  it('handles a page as a whole when its items are one', async () => {
    const whole = enumerators.pages.byNumber<string[], string[]>({
      cursor: null,
      fetch: api(answers).fetch,
      url: (page) => `${base}/p?page=${page}`,
      items: (body) => [body],
      last: (body) => body.length === 0,
    })
    expect(await itemsOf(whole)).toEqual([['a', 'b'], ['c'], []])
  })

  it('passes over as many items as are done, whatever the page has become', async () => {
    const shorter = api({ '/p?page=1': ['b'], '/p?page=2': [] })
    expect(await entriesOf(walk(shorter.fetch, { page: 1, done: 2 }))).toEqual([
      new Tick({ page: 2, done: 0 }),
    ])
    const longer = api({ ...answers, '/p?page=1': ['new', 'a', 'b'] })
    expect(await itemsOf(walk(longer.fetch, { page: 1, done: 1 }))).toEqual(['a', 'b', 'c'])
  })
})

describe('enumerators.pages.byCursor', () => {
  const walk = (fetch: (url: string) => Promise<Response>, cursor: Cursor | null = null) =>
    enumerators.pages.byCursor({
      cursor,
      fetch,
      url: (after) => `${base}/c?after=${after ?? ''}`,
      items: (body: { items: string[]; next?: string | null }) => body.items,
      next: (body) => body.next,
    })
  const answers = {
    '/c?after=': { items: ['a', 'b'], next: 'x' },
    '/c?after=x': { items: [], next: 'y' },
    '/c?after=y': { items: ['c'], next: null },
  }

  it('J79 follows the cursor of each answer, over empty pages too, and resumes at any item', async () => {
    const entries = await entriesOf(walk(api(answers).fetch))
    expect(entries).toEqual([
      ['a', { page: null, done: 1 }],
      ['b', { page: 'x', done: 0 }],
      new Tick({ page: 'y', done: 0 }),
      ['c', { page: 'y', done: 1 }],
    ])
    expect(await itemsOneByOne(({ cursor }) => walk(api(answers).fetch, cursor))).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(await itemsOf(walk(api(answers).fetch, { page: 'y', done: 1 }))).toEqual([])
  })

  it.each([null, undefined, ''])('ends at the cursor %j', async (next) => {
    const only = { '/c?after=': { items: ['a'], ...(next !== undefined && { next }) } }
    expect(await itemsOf(walk(api(only).fetch))).toEqual(['a'])
  })

  it('refuses a page that names itself as the next, which would never end', async () => {
    const circle = { '/c?after=': { items: [], next: 'x' }, '/c?after=x': { items: [], next: 'x' } }
    await expect(itemsOf(walk(api(circle).fetch))).rejects.toThrow('names itself as the next one')
  })

  it.each([2, 3, 7])('F09 refuses %i pages that lead in a circle', async (around) => {
    let asked = 0
    const fetch = async (): Promise<Response> =>
      Response.json({ items: [`${++asked}`], next: `x${asked < 5 ? asked : asked % around}` })
    await expect(itemsOf(walk(fetch))).rejects.toMatchObject({
      code: 'invalid_enumerator',
      message: expect.stringContaining('leads back to one that was there before'),
    })
    expect(asked).toBeLessThan(40)
  })
})

describe('enumerators.pages.byLink', () => {
  const walk = (fetch: (url: string) => Promise<Response>, cursor: Cursor | null = null) =>
    enumerators.pages.byLink<string>({ cursor, fetch, url: `${base}/l?p=1` })

  it('follows the links of each answer, relative ones too, and resumes at any item', async () => {
    const answers = {
      '/l?p=1': () =>
        linked(['a', 'b'], `<${base}/l?p=2>; rel="next", <${base}/l?p=9>; rel="last"`),
      '/l?p=2': () => linked(['c'], '<?p=1>; rel=prev, <?p=3>; title="a; b, <c>"; rel="last next"'),
      '/l?p=3': () => linked(['d'], '<?p=2>; rel="prev"; rel="next"'),
    }
    expect(await pairsOf(walk(api(answers).fetch))).toEqual([
      ['a', { page: `${base}/l?p=1`, done: 1 }],
      ['b', { page: `${base}/l?p=2`, done: 0 }],
      ['c', { page: `${base}/l?p=3`, done: 0 }],
      ['d', { page: `${base}/l?p=3`, done: 1 }],
    ])
    expect(await itemsOneByOne(({ cursor }) => walk(api(answers).fetch, cursor))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })

  it.each([
    'https://api.example.com/l?p=2; rel="next"',
    '<?p=2; rel=next',
    '<?p=2> rel=next',
    '<?p=2>; rel="next',
    "<?p=2>; rel='next'",
    '<?p=2>; rel=',
    '<?p=2>',
    '<?p=1>; rel="prev", <?p=2; rel="next"',
  ])('does not take the malformed header %s for the last page', async (link) => {
    const { fetch } = api({ '/l?p=1': () => linked(['a'], link) })
    await expect(itemsOf(walk(fetch))).rejects.toMatchObject({
      code: 'page_failed',
      passing: true,
      message: expect.stringContaining('its Link header is malformed'),
    })
  })

  it.each([
    '',
    ' ',
    ', ',
    '<?p=1>; rel="prev"',
    '<?p=1>; rel="prev", ',
    '</a>; rel="x"; type="y";',
    '</a>; rel="https://api.example.com/rels/owner first"',
  ])('takes the header "%s", which has no next page, for that of the last one', async (link) => {
    const { fetch } = api({ '/l?p=1': () => linked(['a'], link) })
    expect(await itemsOf(walk(fetch))).toEqual(['a'])
  })

  it.each(['<http://api.example.com/l?p=2>', '<https://evil.example/l>', '<https://>'])(
    'does not follow %s to another origin, where its credentials are none of',
    async (target) => {
      const { asked, fetch } = api({ '/l?p=1': () => linked(['a'], `${target}; rel="next"`) })
      await expect(itemsOf(walk(fetch))).rejects.toThrow(
        `leads elsewhere; expected one within ${base}`,
      )
      expect(asked).toEqual(['/l?p=1'])
      const cursor = { page: target.slice(1, -1), done: 0 }
      expect(() => walk(fetch, cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }))
    },
  )
})

describe('an API that asks to be left alone', () => {
  const answering = (...answers: Response[]) => {
    const { fetch } = api({ '/p': () => answers.shift() ?? ['item'] })
    return enumerators.pages.byNumber({
      cursor: null,
      fetch,
      url: () => `${base}/p`,
      last: () => true,
    })
  }
  const refusing = (status: number, headers: Record<string, string> = {}) =>
    new Response('slow down', { status, headers })

  it.each([
    [429, { 'retry-after': '7' }, 7_000],
    [503, { 'retry-after': '0' }, 0],
    [429, {}, 60_000],
    [429, { 'retry-after': 'soon' }, 60_000],
    [403, { 'retry-after': 'soon' }, 60_000],
    [403, { 'retry-after': '-1' }, 60_000],
    [429, { 'retry-after': '999999999' }, 86_400_000],
  ])(
    '%s %j makes the run stand still for %s ms, and then go on',
    async (status, headers, waitMs) => {
      expect(await entriesOf(answering(refusing(status, headers)))).toEqual([
        new Throttled(waitMs),
        ['item', { page: 1, done: 1 }],
      ])
    },
  )

  it('may name a date, which its own clock measures', () => {
    const until = (retryAfter: string, date?: string) =>
      retryAfterMs(
        refusing(503, { 'retry-after': retryAfter, ...(date !== undefined && { date }) }),
      )
    expect(until('Sun, 06 Nov 1994 08:50:07 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(30_000)
    expect(until('Sun, 06 Nov 1994 08:49:30 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(0)
    expect(until(new Date(Date.now() + 3_600_000).toUTCString())).toBeGreaterThan(3_500_000)
    expect(until('')).toBeUndefined()
  })

  it('fails at a 503 that names no time, so that attempts are counted', async () => {
    await expect(itemsOf(answering(refusing(503)))).rejects.toMatchObject({ status: 503 })
  })
})

describe('an API that gives no page', () => {
  const walk = (fetch: (url: string) => Promise<Response>) =>
    enumerators.pages.byNumber({
      cursor: null,
      fetch,
      url: () => 'https://user:secret@api.example.com/orders?token=secret#secret',
    })
  const answers = (response: Response) => async (): Promise<Response> => response

  it.each([
    [answers(new Response('secret', { status: 404 })), 404, 'answered 404; expected a page'],
    [answers(new Response('<html>secret')), 200, 'the answer is not JSON'],
    [() => Promise.reject(new Error('connection lost')), null, 'no answer to the request'],
  ])(
    'is named with its URL and status, and without the secrets',
    async (fetch, status, problem) => {
      const error = await itemsOf(walk(fetch)).then(
        () => undefined,
        (thrown: unknown) => thrown as PageError,
      )
      expect(error).toBeInstanceOf(PageError)
      expect(error).toMatchObject({ code: 'page_failed', status })
      expect(error?.message).toBe(`https://api.example.com/orders?…: ${problem}`)
      expect(error?.url).toBe('https://api.example.com/orders?…')
    },
  )

  it('is refused when its items are no array', async () => {
    await expect(itemsOf(walk(answers(Response.json({ items: [] }))))).rejects.toThrow(
      'enumerators.pages.byNumber found an object as the items of a page; expected an array',
    )
  })

  it.each([[3], [{ page: 1 }], [{ page: 'x', done: 0 }], [{ page: 1, done: -1 }]] as Cursor[][])(
    'refuses the cursor %j',
    (cursor) => {
      const { fetch } = api({})
      expect(() => enumerators.pages.byNumber({ cursor, fetch, url: () => base })).toThrow(
        expect.objectContaining({ code: 'invalid_cursor' }),
      )
    },
  )
})
