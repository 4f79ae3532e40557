import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ExampleFolder } from '../examples/example-folder.ts'
import { CONFIG } from '../package/support/samples.ts'
import { openTab, startBrowser, type Tab } from './support/browser.ts'

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
    '.dev.vars': 'DEV_ACCESS=loopback',
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
