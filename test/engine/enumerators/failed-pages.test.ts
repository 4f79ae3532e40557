import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  enumerators,
  retryOn,
  PageError,
  type Job,
} from '../../../src/engine/index.ts'
import { createTables, driving } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const base = 'https://api.example.com'
type Answer = Response | Promise<Response>

/** Walks numbered pages of an API that answers as `fetch` says. */
function numbered(fetch: (page: number) => Answer, more: object = {}): Job {
  return defineIteration({
    name: 'failed-pages',
    ...more,
    buildEnumerator: ({ cursor }) =>
      enumerators.pages.byNumber<number>({
        cursor,
        url: (page) => `${base}/${page}?token=secret`,
        fetch: async (url) => fetch(Number(new URL(url).pathname.slice(1))),
      }),
    eachIteration: (item, { effects, run }) => append(effects, run.id, item),
  })
}

const answered = (status: number, headers: Record<string, string> = {}) =>
  new Response('no', { status, headers })
/** Four pages with an item each. */
const page = (number: number) => Response.json(number <= 4 ? [number] : [])
/** Answers as it should, but for the third request. */
const onceBad = (bad: () => Answer) => {
  let calls = 0
  return (number: number) => (++calls === 3 ? bad() : page(number))
}
const cutOff = () =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.error(new Error('Network connection lost.')),
    }),
  )

describe('F04 one bad answer is no end of a run (vulnerability-lookup#493, discord/access#544)', () => {
  it.each([
    ['500', () => answered(500)],
    ['502', () => answered(502)],
    ['503 without Retry-After', () => answered(503)],
    ['504', () => answered(504)],
    ['408', () => answered(408)],
    ['a lost connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['a page of HTML', () => new Response('<html>')],
    ['a page that breaks off', cutOff],
    ['null', () => Response.json(null)],
  ])('%s, once, after two pages', async (_, bad) => {
    const run = await runOf(numbered(onceBad(bad)))
    expect(await run.slice()).toMatchObject({
      status: 'queued',
      error: { name: 'PageError', code: 'page_failed' },
    })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([1, 2, 3, 4])
  })

  it.each([301, 400, 401, 403, 404, 410])(
    '%i is wrong with the request itself, and fails the run at once',
    async (status) => {
      const run = await runOf(numbered(onceBad(() => answered(status))))
      expect(await run.slice()).toMatchObject({
        status: 'failed',
        error: { code: 'page_failed', message: expect.stringContaining(`answered ${status}`) },
      })
      expect(await run.appended()).toEqual([1, 2])
    },
  )

  it('the first page, too: attempts are counted, and a page that never comes ends the run with its error', async () => {
    let calls = 0
    const run = await runOf(numbered(() => (calls++, answered(502)), { retry: { attempts: 3 } }))
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'page_failed', message: `${base}/1?…: answered 502; expected a page` },
    })
    expect(calls).toBeGreaterThanOrEqual(3)
    expect(calls).toBeLessThanOrEqual(4)
  })

  it('progress resets the count: an API that fails at every other page is walked to its end', async () => {
    let calls = 0
    const flaky = (number: number) => (++calls % 2 === 0 ? answered(500) : page(number))
    const run = await runOf(numbered(flaky, { retry: { attempts: 2 } }))
    expect(await run.drain()).toMatchObject({ status: 'completed', attempts: 0 })
    expect(await run.appended()).toEqual([1, 2, 3, 4])
  })

  it('counts as an error in all, and obeys the rules of the job', async () => {
    const capped = await runOf(
      numbered(
        onceBad(() => answered(500)),
        { retry: { totalErrors: 1 } },
      ),
    )
    expect(await capped.drain()).toMatchObject({ error: { code: 'errors_exhausted' } })
    const ruled = await runOf(
      numbered(() => answered(500), { errors: [retryOn(PageError, { attempts: 2, wait: '1h' })] }),
    )
    const before = Date.now()
    await ruled.slice()
    expect(Number((await driving(ruled.id)).sendAt) - before).toBeGreaterThanOrEqual(3_600_000)
  })

  it('an item whose own request for a page fails can be skipped', async () => {
    const job = defineIteration({
      name: 'pages-within-an-item',
      skip: {},
      buildEnumerator: ({ cursor }) => enumerators.times(3, { cursor }),
      async eachIteration(item, { effects, run }) {
        const walk = enumerators.pages.byNumber<number>({
          cursor: null,
          url: (number) => `${base}/${number}`,
          fetch: async () => (item === 1 ? answered(500) : Response.json([])),
        })
        for await (const _ of walk);
        append(effects, run.id, item)
      },
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    expect(await run.appended()).toEqual([0, 2])
  })

  it('what `fetch` gives that is no answer at all is a mistake, and fails at once', async () => {
    const run = await runOf(numbered(() => [1] as never))
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      slices: 1,
      error: {
        code: 'invalid_enumerator',
        message: expect.stringContaining('expected a Response'),
      },
    })
  })
})

describe('an API that asks to be left alone', () => {
  const waitOf = async (answer: () => Response) => {
    const run = await runOf(numbered(answer))
    const waits: number[] = []
    for (let slice = 0; slice < 4; slice++) {
      const before = Date.now()
      expect(await run.slice()).toMatchObject({ status: 'interrupted', reason: 'throttle' })
      waits.push(Number((await driving(run.id)).sendAt) - before)
    }
    return { run, waits }
  }

  it('F05 is not asked again before the 1.5 seconds that it says', async () => {
    const { waits } = await waitOf(() => answered(429, { 'retry-after': '1.5' }))
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(1_500)
  })

  it.each([
    ['202', () => Response.json({}, { status: 202 })],
    ['429 with Retry-After: 0', () => answered(429, { 'retry-after': '0' })],
    [
      '503 with a date of the past',
      () => answered(503, { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }),
    ],
  ])('%s is asked again with waits that grow, and costs no attempt', async (_, answer) => {
    const { run, waits } = await waitOf(answer)
    expect(waits[0]).toBeGreaterThanOrEqual(750)
    expect(waits[3]).toBeGreaterThanOrEqual(3 * Number(waits[0]))
    expect(await run.view()).toMatchObject({ attempts: 0 })
  })

  it('A26 403 with Retry-After stands still, too, and without it is a failed page (cli/cli#4443)', async () => {
    const limited = await runOf(numbered(onceBad(() => answered(403, { 'retry-after': '60' }))))
    expect(await limited.slice()).toMatchObject({ reason: 'throttle' })
    const [told] = limited.told('iteration.throttled')
    expect(told).toMatchObject({ waitMs: 60_000, why: `${base}/3?… answered 403` })
    expect(limited.told('run.interrupted')).toMatchObject([{ why: told?.why }])
    const refused = await runOf(numbered(onceBad(() => answered(403))))
    expect(await refused.slice()).toMatchObject({ error: { code: 'page_failed' } })
  })

  it('204 is the end of the walk', async () => {
    const run = await runOf(
      numbered((number) =>
        number === 1 ? Response.json([1]) : new Response(null, { status: 204 }),
      ),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 1 })
    expect(await run.appended()).toEqual([1])
  })
})
