import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Client } from '../../src/client/index.ts'
import { ExampleFolder } from '../examples/example-folder.ts'
import { CONFIG } from '../package/support/samples.ts'
import { openTab, overflow, seriousFindings, startBrowser, type Tab } from './support/browser.ts'

const BASE = '/ops/jobs'

/** A site with a page of its own, and jobs that take a while. */
const SITE = `import { defineIteration } from 'dogear'
import { createDogear } from 'dogear/worker'

const count = defineIteration({
  name: 'count',
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(100_000, { cursor }),
  eachIteration: () => scheduler.wait(20),
})
const jobs = createDogear({ jobs: [count], path: '${BASE}' })

export const { JobRun } = jobs
export default jobs.wrap({
  fetch: () => new Response('The own page of the site', { headers: { 'content-type': 'text/html' } }),
})
`

let site: ExampleFolder
let browser: Browser
let tab: Tab

beforeAll(async () => {
  site = await ExampleFolder.lasting({
    'src/index.ts': SITE,
    'wrangler.json': CONFIG,
    '.dev.vars': 'DEV_ACCESS=loopback\nDOGEAR_ENVIRONMENT=staging',
  })
  await site.dev(BASE)
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

describe('In the Worker of somebody else, under a path, the page', () => {
  it('starts a run, watches it live, and steers it', async () => {
    const { page } = tab
    await page.goto(`${BASE}/start/count`)
    await page.getByRole('button', { name: 'Start' }).click()
    await page.waitForURL(`**${BASE}/runs/*`)
    await page.getByText('run.created').first().waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).last().click()
    await page.getByText('cancelled', { exact: true }).first().waitFor()
  })

  it('shows each view, by its links, and by its address', async () => {
    const { page } = tab
    await page.goto(BASE)
    const nav = page.getByRole('navigation')
    for (const [link, path, shows] of [
      ['Runs', '/runs', 'count'],
      ['Start a run', '/start', 'count'],
      ['Alerts', '/alerts', 'Webhooks'],
      ['Audit', '/audit', 'start'],
      ['Overview', '/', 'Under way'],
    ] as const) {
      await nav.getByRole('link', { name: link, exact: true }).click()
      await page.waitForURL(site.url + BASE + path)
      await page.getByRole('main').getByText(shows).filter({ visible: true }).first().waitFor()
      await page.reload()
      await page.getByRole('main').getByText(shows).filter({ visible: true }).first().waitFor()
    }
    await page.goBack()
    await page.waitForURL(`${site.url}${BASE}/audit`)
  })

  it('has links that are right in a tab of their own', async () => {
    const { page } = tab
    await page.goto(`${BASE}/runs`)
    await page.getByRole('main').getByRole('link', { name: 'count' }).first().waitFor()
    const links = await page
      .locator('a[href]:not([href^="#"])')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(links.length).toBeGreaterThan(6)
    expect(links.filter((link) => !link?.startsWith(`${BASE}/`))).toEqual([])
    expect(links.filter((link) => link?.startsWith(`${BASE}/runs/`))).not.toEqual([])
  })

  it('leaves links to the rest of the site to the browser', async () => {
    const { page } = tab
    await page.goto(BASE)
    await page.getByRole('navigation').first().waitFor()
    await page.evaluate(
      `document.querySelector('main').innerHTML = '<a href="/elsewhere">Elsewhere</a>'`,
    )
    await page.getByRole('link', { name: 'Elsewhere' }).click()
    await page.getByText('The own page of the site').waitFor()
  })

  it('says what to do where its files are not found', async () => {
    const { page } = tab
    await page.route('**/assets/*', (route) => route.fulfill({ status: 404, body: '' }))
    await page.goto(BASE)
    await page.getByText('The page did not load. It is served for the path /ops/jobs/').waitFor()
    tab.complaints.length = 0
  })
})

const rowsOf = (page: Page) => page.getByRole('main').locator('tbody tr')
const focused = (page: Page) =>
  page.evaluate<string>('document.activeElement?.textContent?.trim() ?? ""')

describe('The environment', () => {
  it('is named on each view and in the title of the tab, in a colour that can be read', async () => {
    const { page } = tab
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.goto(`${BASE}/runs`)
      await page.locator('.environment.is-amber').getByText('staging').waitFor()
      await expect.poll(() => page.title()).toBe('runs · Dogear (staging)')
      expect(await seriousFindings(page, 'colours')).toEqual([])
    }
  })
})

describe('By keyboard alone', () => {
  it('one goes from view to view, along the rows, and into a run', async () => {
    const { page } = tab
    await page.goto(BASE)
    await page.getByRole('heading', { name: 'Under way' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.waitForURL(`**${BASE}/runs`)
    await rowsOf(page).first().waitFor()
    await page.keyboard.press('j')
    expect(await focused(page)).toBe('count')
    await page.keyboard.press('x')
    await page.getByRole('main').getByText('1 chosen').waitFor()
    await page.keyboard.press('x')
    await page.keyboard.press('k')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${BASE}/runs/*`)
  })

  it('finds the search from any view, and types there what would be a key elsewhere', async () => {
    const { page } = tab
    await page.goto(`${BASE}/alerts`)
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
    await page.keyboard.press('/')
    await page.waitForURL(`**${BASE}/runs`)
    await expect.poll(() => page.evaluate('document.activeElement?.type')).toBe('search')
    await page.keyboard.type('gr?j')
    expect(await page.locator('input[type=search]').inputValue()).toBe('gr?j')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('shows the keys when asked, and gives the focus back', async () => {
    const { page } = tab
    await page.goto(`${BASE}/runs`)
    await rowsOf(page).first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('?')
    const help = page.getByRole('dialog', { name: 'Keys' })
    await help.getByText('Go to Runs').waitFor()
    await help.getByText('Find a run, a job, a command').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await help.waitFor({ state: 'hidden' })
    expect(await focused(page)).toBe('count')
  })
})

describe('The palette', () => {
  it('goes to a view, a job, a run, by parts of their words', async () => {
    const { page } = tab
    await page.goto(`${BASE}/audit`)
    const palette = page.getByRole('dialog', { name: 'Palette' })
    const option = (name: string) => palette.getByRole('option', { name })
    await page.getByRole('button', { name: 'Jump to' }).click()
    await page.keyboard.type('star cou')
    await option('Start count').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${BASE}/start/count`)

    await page.keyboard.press('Control+k')
    await page.keyboard.type('count')
    await option('run, cancelled').first().waitFor()
    await page.keyboard.press('ArrowUp')
    expect(await palette.getByRole('option', { selected: true }).innerText()).toContain('run, ')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${BASE}/runs/*`)
  })

  it('does what the buttons of a run do, with their questions', async () => {
    const { page } = tab
    const { id } = await new Client(site.url + BASE).start('count')
    await page.goto(`${BASE}/runs/${id}`)
    await page.getByRole('button', { name: 'Cancel' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('cancel steer')
    await page.getByRole('option', { name: 'Cancel' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click()
    await page.getByText('cancelled', { exact: true }).first().waitFor()
  })

  it('says so when nothing fits, and fits a phone', async () => {
    const { page } = tab
    await page.setViewportSize({ width: 360, height: 780 })
    await page.goto(`${BASE}/runs`)
    await page.getByRole('button', { name: 'Jump to' }).click()
    await page.keyboard.type('nothing of that name')
    await page.getByText('Nothing here has these words.').waitFor()
    expect(await overflow(page)).toBe(0)
  })
})

describe('The colours', () => {
  it('are chosen against the system, and are the same after a reload', async () => {
    const { page } = tab
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(`${BASE}/runs`)
    await rowsOf(page).first().waitFor()
    const light = await paper()
    await page.getByRole('button', { name: 'dark' }).click()
    const dark = await paper()
    expect(dark).not.toBe(light)
    await page.reload()
    await rowsOf(page).first().waitFor()
    expect(await paper()).toBe(dark)
    await page.getByRole('button', { name: 'system' }).click()
    expect(await paper()).toBe(light)
  })
})

describe('A word of the engine', () => {
  it('says what it means where it stands', async () => {
    const { page } = tab
    await page.setViewportSize({ width: 360, height: 780 })
    await page.goto(`${BASE}/runs`)
    await rowsOf(page).first().getByRole('link', { name: 'count' }).click()
    await page.getByRole('button', { name: 'Interruptions' }).click()
    await page.getByText('a planned end of a slice before the run is done').waitFor()
    expect(await overflow(page)).toBe(0)
    expect(await seriousFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByText('a planned end of a slice').waitFor({ state: 'hidden' })
  })
})
