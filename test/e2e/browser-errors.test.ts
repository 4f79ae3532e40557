import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErrorGroup } from '../../src/client/index.ts'
import { openTab, overflow, seriousFindings, startBrowser, type Tab } from './support/browser.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { eventually } from './support/wait.ts'

/** More than the page of a group shows. */
const EQUAL = 24

let worker: FreshWorker
let browser: Browser
let tab: Tab
/** The one that many runs share, and the one that mattered. */
let many: ErrorGroup
let alone: ErrorGroup

beforeAll(async () => {
  worker = await startFreshWorker()
  browser = await startBrowser()
  const { client } = worker
  await client.seed({ orders: 20, customers: 20, mixed: true })
  // First, so that all others come after it.
  await client.start('resilient', { params: { fatal: [1], upTo: 5 } })
  await failed(1)
  for (let file = 0; file < EQUAL; file++) {
    const name = `lost-${file}.csv`
    await client.start('import-orders', { params: { file: `lost-${file}`, name } })
  }
  await failed(1 + EQUAL)
  const { groups } = await client.errors()
  const of = (job: string) => groups.find((group) => group.job === job) as ErrorGroup
  many = of('import-orders')
  alone = of('resilient')
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

async function failed(count: number): Promise<void> {
  await eventually(`${count} failed runs`, 180_000, async () => {
    const { runsByStatus } = await worker.client.overview()
    return runsByStatus['failed'] === count
  })
}

/** As a field for a time has it. */
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)

const attention = () => tab.page.getByRole('region', { name: 'Needs attention' })

describe('Each view of errors', () => {
  const views: [name: string, path: () => string, shows: string][] = [
    ['all of them', () => '/errors', 'import-orders'],
    ['one of them', () => `/errors/${many.id}`, 'Failed with it'],
    ['a run of one', () => `/runs/${many.lastRun}`, `1 of ${EQUAL} runs with this error`],
    ['the overview', () => '/', 'Needs attention'],
    ['the job of one', () => '/jobs/import-orders', 'Reads orders from an uploaded CSV file'],
  ]
  it.each(views)(
    'can be read by everyone, in light and dark, and fits a phone: %s',
    async (_name, path, shows) => {
      const { page } = tab
      await page.goto(path())
      await page.getByRole('main').getByText(shows).filter({ visible: true }).first().waitFor()
      expect(await seriousFindings(page)).toEqual([])
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await seriousFindings(page, 'colours')).toEqual([])
      await page.setViewportSize({ width: 360, height: 780 })
      await expect.poll(() => overflow(page)).toBe(0)
    },
  )
})

describe('Equal failures', () => {
  it('are one box on the overview, and hide no other', async () => {
    const { page } = tab
    await page.goto('/')
    await attention().getByText(`${EQUAL} runs`).waitFor()
    expect(await attention().getByRole('listitem').count()).toBe(2)
    await attention().getByRole('link', { name: 'resilient' }).waitFor()
  })

  it('say in one click why, since when and which runs', async () => {
    const { page } = tab
    await page.goto('/')
    await attention().getByRole('link', { name: 'import-orders' }).click()
    await page.getByRole('heading', { name: 'import-orders' }).waitFor()
    await page.getByLabel('Error', { exact: true }).getByText(many.message).waitFor()
    const table = page.getByRole('table')
    await expect.poll(() => table.locator('tbody tr').count()).toBe(10)
    await page.getByRole('link', { name: `Last 10 of ${EQUAL}` }).click()
    await expect.poll(() => table.locator('tbody tr').count()).toBe(EQUAL)
    expect(page.url()).toContain(`group=${many.id}`)
  })

  it('lead from one run to all of them, by the beginning of an id, too', async () => {
    const { page } = tab
    await page.goto(`/runs/${many.lastRun}`)
    await page.getByRole('link', { name: `1 of ${EQUAL} runs with this error` }).click()
    await page.getByText(many.template).first().waitFor()
    await page.goto(`/errors/${alone.id.slice(0, 8)}`)
    await page.waitForURL(`**/errors/${alone.id}`)
    await expect.poll(() => page.title()).toContain('resilient')
  })

  it('stand on the page of their job, beside how its last runs did', async () => {
    const { page } = tab
    await page.goto(`/runs/${many.lastRun}`)
    await page.getByRole('region', { name: 'Progress' }).getByRole('link').first().click()
    await page.waitForURL('**/jobs/import-orders')
    const bars = page.getByRole('list', { name: 'The last runs, the oldest first' })
    await expect.poll(() => bars.getByRole('listitem').count()).toBe(EQUAL)
    await page.getByText(`0 % of the last ${EQUAL}`).waitFor()
    const errors = page.getByRole('region', { name: 'Open errors' })
    await errors.getByRole('button', { name: `Retry all (${EQUAL})` }).waitFor()
    await bars.getByRole('link').last().click()
    await page.waitForURL('**/runs/*')
    await page.goBack()
    await page.getByRole('main').getByRole('link', { name: 'Start a run' }).click()
    await page.waitForURL('**/start/import-orders')
  })

  it('are dismissed, and are back with the next one', async () => {
    const { page } = tab
    await page.goto('/errors')
    await page.getByRole('button', { name: 'Dismiss of resilient' }).click()
    await expect.poll(() => page.getByRole('listitem').count()).toBe(1)
    await page.getByRole('button', { name: 'dismissed 1' }).click()
    await page.getByRole('link', { name: 'resilient' }).waitFor()
    await worker.client.start('resilient', { params: { fatal: [1], upTo: 5 } })
    await page.getByRole('button', { name: 'open 2' }).click()
    await page.getByText('back after it was dismissed').first().waitFor()
  })

  it('are muted for a while or until a time, and unmuted', async () => {
    const { page } = tab
    await page.goto(`/errors/${alone.id}`)
    await page.getByLabel('Mute resilient').selectOption('8h')
    await page.getByText('muted until').waitFor()
    await page.getByRole('button', { name: 'Unmute' }).click()
    await page.getByText('back after it was dismissed').first().waitFor()
    await page.getByLabel('Mute resilient').selectOption('until')
    await page.getByLabel('Until').fill(tomorrow())
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByText('muted until').waitFor()
    const { mutedUntil = '' } = await worker.client.error(alone.id)
    expect(Date.parse(mutedUntil) - Date.now()).toBeGreaterThan(20 * 3_600_000)
  })

  it('are all retried with two clicks from the overview', async () => {
    const { page } = tab
    await page.goto('/')
    await attention()
      .getByRole('button', { name: `Retry all (${EQUAL})` })
      .click()
    await page.getByRole('dialog').getByText(`Retry all ${EQUAL} runs?`).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click()
    await page.getByRole('heading', { name: 'steer-runs' }).waitFor()
    await page.getByText('completed').first().waitFor()
    const { occurrences } = await worker.client.error(many.id)
    expect(occurrences).toBeGreaterThanOrEqual(EQUAL)
  })
})
