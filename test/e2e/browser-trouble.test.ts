import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Client, type Run } from '../../src/client/index.ts'
import { ExampleFolder } from '../examples/example-folder.ts'
import { CONFIG } from '../package/support/samples.ts'
import { eventually } from './support/wait.ts'
import { openTab, overflow, seriousFindings, startBrowser, type Tab } from './support/browser.ts'

const BASE = '/ops'
/** As long as a run keeps of one, after lines of its own. */
const WORD = 'E'.repeat(5_000)

/** A site whose jobs get into trouble. */
const SITE = `import { defineIteration, NonRetryableError } from 'dogear'
import { createDogear } from 'dogear/worker'

const numbers = ({ cursor, enumerators }) => enumerators.times(50, { cursor })
const failAtOnce = defineIteration({
  name: 'fail-at-once',
  buildEnumerator: numbers,
  eachIteration: (number) => {
    if (number === 7) {
      throw new NonRetryableError('First line\\nsecond line\\n${WORD}', { cause: new Error('The cause') })
    }
  },
})
const failForAWhile = defineIteration({
  name: 'fail-for-a-while',
  retry: { attempts: 3, waitMs: 600_000 },
  buildEnumerator: numbers,
  eachIteration: (number) => {
    if (number === 20) throw new TypeError('The price is null')
  },
})
const skipMost = defineIteration({
  name: 'skip-most',
  skip: { maxSkips: 1_000 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(250, { cursor }),
  eachIteration: (number) => {
    if (number >= 10) throw new Error('No price')
  },
})
const atFullSpeed = defineIteration({
  name: 'at-full-speed',
  commit: { everyItems: 1 },
  budget: { wallMs: 250 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(1_000_000, { cursor }),
  eachIteration: () => scheduler.wait(1),
})
const jobs = createDogear({ jobs: [failAtOnce, failForAWhile, skipMost, atFullSpeed], path: '${BASE}' })

export const { JobRun } = jobs
export default jobs.wrap({ fetch: () => new Response('The site') })
`

let site: ExampleFolder
let client: Client
let browser: Browser
let tab: Tab

beforeAll(async () => {
  site = await ExampleFolder.lasting({
    'src/index.ts': SITE,
    'wrangler.json': CONFIG,
    '.dev.vars': 'DEV_ACCESS=loopback',
  })
  await site.dev(BASE)
  client = new Client(site.url + BASE)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  site?.remove()
})
beforeEach(async () => {
  tab = await openTab(browser, site.url)
})
afterEach(async () => {
  await tab.close()
  expect(tab.complaints).toEqual([])
})

/** Starts a run, and waits until it is as a test wants it. */
async function startedUntil(job: string, is: (run: Run) => boolean): Promise<Run> {
  const { id } = await client.start(job)
  await eventually(`a run of ${job} as it is wanted`, 60_000, async () => is(await client.run(id)))
  return client.run(id)
}

describe('An error of 5,000 characters in one word', () => {
  let run: Run
  beforeAll(async () => {
    run = await startedUntil('fail-at-once', ({ status }) => status === 'failed')
    await eventually('an alert', 60_000, async () => (await client.alerts()).alerts.length > 0)
  })
  const views: [name: string, path: () => string][] = [
    ['overview', () => ''],
    ['runs', () => '/runs'],
    ['run', () => `/runs/${run.id}`],
    ['alerts', () => '/alerts'],
  ]

  it.each(views)('widens no view at any width: %s', async (name, path) => {
    const { page } = tab
    await page.goto(BASE + path())
    const told = name === 'runs' ? 'NonRetryableError' : 'First line'
    await page.getByRole('main').getByText(told).first().waitFor()
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 })
      await expect.poll(() => overflow(page)).toBe(0)
    }
    expect(await seriousFindings(page)).toEqual([])
  })

  it('shows three lines, its own, and the rest when asked', async () => {
    const { page } = tab
    await page.goto(`${BASE}/runs/${run.id}`)
    const error = page.getByRole('region', { name: 'Error' })
    const text = error.locator('.long-text').first()
    expect(await text.innerText()).toContain('First line\nsecond line\nEEE')
    const height = async () => (await text.boundingBox())?.height ?? 0
    const clamped = await height()
    await error.getByRole('button', { name: 'more' }).click()
    await expect.poll(height).toBeGreaterThan(4 * clamped)
    await error.getByRole('button', { name: 'copy' }).waitFor()
    await error.getByText('Caused by').waitFor()
    await error.getByText('The cause').first().waitFor()
    await error.getByRole('button', { name: 'less' }).click()
    await expect.poll(height).toBe(clamped)
  })
})

describe('A run that fails again and again', () => {
  it('says which attempt comes when and why, and is tried at once by a button until it gives up', async () => {
    const { page } = tab
    const { id } = await startedUntil('fail-for-a-while', ({ retry }) => retry !== undefined)
    await page.goto(`${BASE}/runs/${id}`)
    const head = page.getByRole('region', { name: 'Progress' })
    for (const attempt of [1, 2, 3]) {
      const words = `Retrying: attempt ${attempt} of 3 in`
      await head.getByText(words).waitFor()
      await head.getByText('(TypeError at item 20)').waitFor()
      await head.getByRole('button', { name: 'Retry now' }).click()
      await head.getByText(words).waitFor({ state: 'detached' })
    }
    await head.getByText('It gave up at item 20 after 3 attempts without progress.').waitFor()
    const about = page.getByRole('region', { name: 'About this run' })
    await about.getByText('3 of 3 failed').waitFor()
    const steps = page.getByRole('region', { name: 'Steps' })
    await steps.getByText('fail-for-a-while').waitFor()
    await page.getByRole('button', { name: /^Slice with fence \d+: failed after/ }).waitFor()
    expect(await page.locator('.events .tone-completed').count()).toBe(0)
    await page.locator('.events .tone-failed').getByText('Ended: failed').waitFor()
    expect(await seriousFindings(page)).toEqual([])
  })
})

describe('A run that completed and skipped most of its items', () => {
  it('is amber on every list and view, and loads all that it skipped', async () => {
    const { page } = tab
    const { id } = await startedUntil('skip-most', ({ status }) => status === 'completed')
    await page.goto(`${BASE}/runs`)
    const badge = page.locator('.badge.tone-interrupted').getByText('completed, 240 skipped')
    await badge.waitFor()
    await page.goto(`${BASE}/runs/${id}`)
    await badge.waitFor()
    await page.getByText('It skipped 240 items').waitFor()
    const skips = page.getByRole('region', { name: 'Skipped items' })
    await skips.getByText('100 of 240').waitFor()
    const rows = skips.getByRole('table').locator('tbody tr')
    await skips.getByRole('button', { name: 'Load 100 more' }).click()
    await expect.poll(() => rows.count()).toBe(200)
    await skips.getByRole('button', { name: 'Load 40 more' }).click()
    await expect.poll(() => rows.count()).toBe(240)
    expect(await skips.getByRole('button', { name: /^Load/ }).count()).toBe(0)
    expect(await rows.last().getByRole('cell').first().innerText()).toBe('249')
    expect(await seriousFindings(page)).toEqual([])
  })
})

describe('The times of the page', () => {
  it('are those of one clock, in lists, filters and addresses', async () => {
    await tab.close()
    tab = await openTab(browser, site.url, { timezoneId: 'America/New_York' })
    const { page } = tab
    const { id, createdAt } = await startedUntil(
      'skip-most',
      ({ status }) => status === 'completed',
    )
    const row = page.getByRole('row').filter({ hasText: id.slice(0, 8) })
    // Five hours behind, so that its field shows another hour than the answer has.
    const before = new Date(Date.parse(createdAt) - 60_000).toISOString()
    const field = new Date(Date.parse(before) - 5 * 3_600_000).toISOString().slice(0, 16)
    await page.goto(`${BASE}/runs`)
    await page.getByRole('columnheader', { name: 'Created UTC-5' }).waitFor()
    await page.getByRole('button', { name: 'More filters' }).click()
    await page.getByLabel('Created from, UTC-5').fill(field)
    await page.getByRole('button', { name: 'Find' }).click()
    await page.waitForURL(/since=/)
    expect(new URL(page.url()).searchParams.get('since')).toBe(`${before.slice(0, 16)}:00.000Z`)
    await row.waitFor()

    await page.getByRole('button', { name: 'UTC', exact: true }).click()
    const shown = page.getByLabel('Created from, UTC')
    await expect.poll(() => shown.inputValue()).toBe(before.slice(0, 16))
    await page.goto(`${BASE}/runs/${id}`)
    await page.getByRole('heading', { name: 'Events UTC' }).waitFor()
    const event = page.locator('.events time').first()
    const at = await event.getAttribute('datetime')
    expect(await event.innerText()).toContain(at?.slice(11, 23))
    await page.getByRole('button', { name: 'local', exact: true }).click()
    await expect.poll(() => event.innerText()).not.toContain(at?.slice(11, 23))
  })
})

describe('A tab that is left open', () => {
  /** Paths of the API that the page asks for, each with its time; not the stream of events. */
  function watched(): { path: string; at: number }[] {
    const asked: { path: string; at: number }[] = []
    tab.page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (pathname.startsWith(`${BASE}/api/`) && !pathname.endsWith('/events'))
        asked.push({ path: pathname.slice(BASE.length), at: Date.now() })
    })
    return asked
  }

  /** Bytes that it has been sent since it was asked to count them, before anything is compressed. */
  async function received(): Promise<() => number> {
    const session = await tab.page.context().newCDPSession(tab.page)
    let bytes = 0
    session.on('Network.dataReceived', ({ dataLength }) => void (bytes += dataLength))
    session.on('Network.webSocketFrameReceived', ({ response }) => {
      bytes += response.payloadData.length
    })
    await session.send('Network.enable')
    return () => bytes
  }

  it('asks once a second at most, each time for what is new, of a run at full speed, and takes less than 20 KB a second', async () => {
    const { page } = tab
    const { id } = await startedUntil('at-full-speed', ({ slices }) => slices > 1)
    await page.goto(`${BASE}/runs/${id}`)
    await page.getByText(/^[\d,.]+\/s$/).waitFor()
    const asked = watched()
    const since = Date.now()
    const bytes = await received()
    const withAfter = page.waitForRequest(/\/stretches\?after=/)
    await expect.poll(() => asked.length).toBeGreaterThan(9)
    const perSecond = bytes() / ((Date.now() - since) / 1_000)
    console.log(`a tab takes ${Math.round(perSecond)} bytes a second of a run at full speed`)
    expect(perSecond).toBeGreaterThan(0)
    expect(perSecond).toBeLessThan(20_000)
    // The clock of a browser on a busy machine, and this one, are not the same to the millisecond.
    const times = asked.map(({ at }) => at)
    expect((times[9] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(8_000)
    await withAfter
    await client.command(id, 'cancel')
  })

  it('does not ask again before it has an answer', async () => {
    const { page } = tab
    const { id } = await startedUntil('at-full-speed', ({ slices }) => slices > 1)
    let answer = () => {}
    const held = new Promise<void>((resolve) => (answer = resolve))
    await page.route('**/slices?**', async (route) => {
      await held
      await route.continue()
    })
    const asked = watched()
    await page.goto(`${BASE}/runs/${id}`)
    const of = (what: string) => asked.filter(({ path }) => path.endsWith(what)).length
    await expect.poll(() => of('/stretches')).toBeGreaterThan(2)
    expect(of('/slices')).toBe(1)
    answer()
    await expect.poll(() => of('/slices')).toBeGreaterThan(1)
    await client.command(id, 'cancel')
  })

  it('stays as it is while the Worker has had enough, and asks when it may', async () => {
    await tab.close()
    tab = await openTab(browser, site.url, {}, /429/)
    const { page } = tab
    await page.goto(`${BASE}/runs`)
    const row = page.getByRole('main').getByRole('link', { name: 'at-full-speed' }).first()
    await row.waitFor()
    const refused: number[] = []
    await page.route('**/api/runs**', (route) => {
      refused.push(Date.now())
      return route.fulfill({
        status: 429,
        headers: { 'retry-after': '4', 'content-type': 'application/problem+json' },
        body: JSON.stringify({ code: 'rate_limited', status: 429, detail: 'Too many requests' }),
      })
    })
    await page.getByRole('status').getByText('Too many requests.').waitFor()
    expect(await row.isVisible()).toBe(true)
    expect(await page.getByRole('alert').count()).toBe(0)
    await expect.poll(() => refused.length).toBe(2)
    expect((refused[1] ?? 0) - (refused[0] ?? 0)).toBeGreaterThan(3_900)
    await page.unroute('**/api/runs**')
    await page.getByText('Too many requests.').waitFor({ state: 'detached' })
  })
})
