import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isEnded, type Run } from '../../src/client/index.ts'
import { openTab, seriousFindings, startBrowser, type Tab } from './support/browser.ts'
import { SERVE } from './support/bundled-worker.ts'
import { slowConfig } from './support/deployment.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'

/** Each is a slice of its own. */
const ORDERS = 240
const FILE = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,LANTERN,2,2010-12-01 08:26:00,3.39,17850,United Kingdom
`

let worker: FreshWorker
let browser: Browser
let tab: Tab

beforeAll(async () => {
  // A slice does one item at least, whatever time it is given.
  worker = await startFreshWorker({ vars: { SLICE_WALL_MS: '1' }, script: SERVE }, slowConfig)
  browser = await startBrowser()
  await worker.client.seed({ orders: ORDERS, customers: 20 })
})
afterAll(async () => {
  await browser?.close()
  await worker?.remove()
})
beforeEach(async () => {
  tab = await openTab(browser, worker.url)
})
afterEach(async () => {
  await tab.close()
  expect(tab.complaints).toEqual([])
})

/** The run as it ended. */
async function ended(id: string): Promise<Run> {
  for await (const news of worker.client.events(id))
    if (news.kind === 'run' && isEnded(news.run.status)) return news.run
  throw new Error('Only its reader ends the watching of a run')
}

describe('The past of a run of many slices', () => {
  it('is there from its beginning: its course, its slices, its events', async () => {
    const { page } = tab
    const { id } = await worker.client.start('process-orders-iteration')
    const run = await ended(id)
    expect(run.slices).toBeGreaterThan(200)
    await page.goto(`/runs/${id}`)

    const strip = page.getByRole('group', { name: `${run.slices} slices` })
    await strip
      .getByRole('button', { name: /^\d+ slices: \d+ items/ })
      .first()
      .waitFor()
    await page.getByText(`${run.slices} slices as a table`).click()
    const slices = page.getByRole('region', { name: 'Slices' })
    await slices.getByText(`200 of ${run.slices} slices`).waitFor()
    await slices.getByRole('button', { name: 'Load older slices' }).click()
    await expect.poll(() => slices.getByRole('row').count()).toBe(run.slices + 1)

    const events = page.getByRole('region', { name: 'Events' })
    await events
      .getByText(/^Slice \d+: 1 item, .*; stopped for budget$/)
      .first()
      .click()
    await events.getByText(/^A slice claimed the run, at 239 items$/).waitFor()
    await events.getByText(/^200 of [\d,]+ events$/).waitFor()
    await events.getByRole('button', { name: 'Load older events' }).click()
    await events.getByText(/^400 of [\d,]+ events$/).waitFor()

    await page.getByRole('img', { name: /^Items over time, at most/ }).hover()
    await page.getByText(/^[\d:. A-Za-z]+: .*items in .* commits$/).waitFor()
    expect(await seriousFindings(page)).toEqual([])
  })

  it('has what its job has written, by level and text', async () => {
    const { page } = tab
    const { id } = await worker.client.upload('a.csv', FILE)
    await ended(id)
    await page.goto(`/runs/${id}`)
    const log = page.getByRole('region', { name: 'Log' })
    await log.getByText('every line is sound').waitFor()
    await log.getByRole('searchbox').fill('nothing of the kind')
    await log.getByText('No line that is loaded has it.').waitFor()
    await log.getByRole('searchbox').fill('')
    await log.getByRole('button', { name: 'Pause' }).click()
    await log.getByRole('button', { name: 'Go on (0 new)' }).click()
    await log.getByRole('button', { name: 'error' }).click()
    await log.getByText('No lines of level error.').waitFor()
    expect(await seriousFindings(page)).toEqual([])
  })
})
