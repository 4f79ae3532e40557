import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTab, startBrowser, type Tab } from './support/browser.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { type Mounted, mountPage } from './support/mounted.ts'

const BASE = '/ops/jobs'

let worker: FreshWorker
let site: Mounted
let browser: Browser
let tab: Tab
let id: string

beforeAll(async () => {
  worker = await startFreshWorker()
  await worker.client.seed({ orders: 50 })
  id = (await worker.client.start('process-orders', { wait: '1 hour' })).id
  site = await mountPage(worker.url, BASE)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await worker?.remove()
})
beforeEach(async () => {
  tab = await openTab(browser, site.url)
})
afterEach(async () => {
  await tab.close()
  expect(tab.complaints).toEqual([])
})

describe('Under a path of another site, the page', () => {
  it('shows each view, by its links, and by its address', async () => {
    const { page } = tab
    await page.goto(BASE)
    const nav = page.getByRole('navigation')
    for (const [link, path, shows] of [
      ['Runs', '/runs', 'process-orders'],
      ['Start a run', '/start', 'generate-reports'],
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
    await page.getByRole('main').getByRole('link', { name: 'process-orders' }).first().waitFor()
    const links = await page
      .locator('a[href]:not([href^="#"])')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(links.length).toBeGreaterThan(6)
    expect(links.filter((link) => !link?.startsWith(`${BASE}/`))).toEqual([])
    expect(links).toContain(`${BASE}/runs/${id}`)
  })

  it('watches a run live', async () => {
    const { page } = tab
    const heard = page.waitForResponse(`${site.url}${BASE}/api/runs/${id}/events`)
    await page.goto(`${BASE}/runs/${id}`)
    expect((await heard).status()).toBe(200)
    await page.getByText('run.created').first().waitFor({ state: 'attached' })
    await worker.client.command(id, 'cancel')
    await page.getByText('cancelled').first().waitFor()
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
