import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startCatalogServer } from '../support/catalog-server.ts'
import { openTab, overflow, seriousFindings, startBrowser, type Tab } from './support/browser.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { prepareShop, type PreparedRuns } from './support/prepared-shop.ts'

/** An endpoint at a port where nobody listens. */
const NOBODY = {
  name: 'team',
  url: 'http://127.0.0.1:9/hook',
  secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
}

let server: Awaited<ReturnType<typeof startCatalogServer>>
let worker: FreshWorker
let browser: Browser
let runs: PreparedRuns
let tab: Tab

beforeAll(async () => {
  server = await startCatalogServer()
  worker = await startFreshWorker({ vars: { WEBHOOKS: JSON.stringify([NOBODY]) } })
  browser = await startBrowser()
  runs = await prepareShop(worker.client, server.url)
})
afterAll(async () => {
  await browser?.close()
  await worker?.remove()
  await server?.close()
})
beforeEach(async () => {
  tab = await openTab(browser, worker.url)
})
afterEach(async () => {
  await tab.close()
  expect(tab.complaints).toEqual([])
})

describe('Each view', () => {
  const views: [name: string, path: () => string, shows: string][] = [
    ['overview', () => '/', 'Under way'],
    ['runs', () => '/runs', 'import-orders'],
    ['a run that is held', () => `/runs/${runs.held.id}`, 'It is held at its checkpoint'],
    ['a run that failed', () => `/runs/${runs.failed.id}`, 'invalid_enumerator'],
    ['a run with skips', () => `/runs/${runs.skipped.id}`, 'Skipped items'],
    ['jobs', () => '/start', 'generate-reports'],
    ['start', () => '/start/batch-emails', 'The same by command'],
    ['side by side', () => '/compare', 'defineIteration'],
    ['alerts', () => '/alerts', 'Webhooks'],
    ['shop', () => '/shop', 'Spring is here'],
    ['audit', () => '/audit', 'start'],
    ['nothing', () => '/elsewhere', 'Nothing here'],
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
      await page.setViewportSize({ width: 390, height: 844 })
      // Charts get their new width by an observer, a frame later.
      await expect.poll(() => overflow(page)).toBe(0)
    },
  )
})

describe('The overview', () => {
  it('counts runs by status, and shows what is under way and what failed', async () => {
    const { page } = tab
    await page.goto('/')
    await page.getByRole('link', { name: '1 failed' }).waitFor()
    const active = page.getByRole('region', { name: 'Under way' })
    await active.getByText('70 of 191').waitFor()
    await active.getByText('It begins in').first().waitFor()
    const attention = page.getByRole('region', { name: 'Needs attention' })
    await attention.getByText('import-orders').first().waitFor()
    await page.getByRole('region', { name: 'Schedules' }).getByText('nightly-orders').waitFor()
    await page.getByRole('link', { name: '1 failed' }).click()
    await page.getByRole('row').filter({ hasText: 'invalid_enumerator' }).waitFor()
  })
})

describe('The list of runs', () => {
  it('filters by status, job and label, and says when nothing fits', async () => {
    const { page } = tab
    await page.goto('/runs')
    const table = page.getByRole('table')
    await page.getByLabel('Status').selectOption('paused')
    await expectRows(1)
    await page.getByRole('search').getByLabel('Job').selectOption('resilient')
    await page.getByText('No run fits.').waitFor()
    await page.getByRole('link', { name: 'Clear' }).click()
    await page.getByRole('button', { name: 'More filters' }).click()
    await page.getByLabel('Label').fill('campaign:spring')
    await page.getByRole('button', { name: 'Find' }).click()
    await expectRows(1)
    await table.getByText('campaign:spring').waitFor()

    async function expectRows(count: number) {
      await expect.poll(() => table.locator('tbody tr').count()).toBe(count)
    }
  })

  it('goes on page by page and back, by the address', async () => {
    const { page } = tab
    await Promise.all(
      Array.from({ length: 26 }, () =>
        worker.client.start('track-signup-metrics', { params: { customer: 1 }, wait: '1 day' }),
      ),
    )
    // The oldest first: newer ones still come in, and would push these down.
    await page.goto('/runs?job=track-signup-metrics&sort=oldest')
    const rows = page.getByRole('table').locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(25)
    await page.getByRole('button', { name: 'Further' }).click()
    await expect.poll(() => rows.count()).toBe(1)
    expect(page.url()).toContain('cursor=')
    await page.getByText('26 to 26 of 26').waitFor()
    await page.getByRole('button', { name: 'Back' }).click()
    await expect.poll(() => rows.count()).toBe(25)
    await page.getByText('1 to 25 of 26').waitFor()
  })

  it('finds by parts of words, suggests jobs, and says what it looks for', async () => {
    const { page } = tab
    await page.goto('/runs')
    const search = page.getByRole('combobox', { name: 'Search' })
    const rows = page.getByRole('table').locator('tbody tr')
    const suggested = page.locator('#known-jobs option[value="generate-reports"]')
    await expect.poll(() => suggested.count()).toBe(1)
    await search.fill('IMPORT invalid_enum')
    await search.press('Enter')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.getByText('import-orders').waitFor()
    await rows.getByText('invalid_enumerator').waitFor()
    await search.fill('sprin')
    await search.press('Enter')
    await rows.getByText('campaign:spring').waitFor()
    await search.fill('nightly-nothing')
    await search.press('Enter')
    await page.getByText('Search looks for each word in job').waitFor()
  })

  it('shows when runs were created, and those of a stretch of time alone', async () => {
    const { page } = tab
    await page.goto('/runs?status=failed')
    const bars = page.getByRole('group', { name: 'Runs over time' })
    await bars.focus()
    await bars.press('ArrowLeft')
    await bars.press('Shift+ArrowLeft')
    await page.getByText(/\d\d:\d\d to .*\d\d:\d\d: \d+ runs?/).waitFor()
    await bars.press('Enter')
    await page.waitForURL(/since=.*&until=/)
    await page.getByLabel('Created from').waitFor()
    await page.goto('/runs?status=failed')
    const box = await bars.boundingBox()
    if (!box) throw new Error('no bars are shown')
    await page.mouse.move(box.x + 1, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width - 1, box.y + 20)
    await page.mouse.up()
    await page.waitForURL(/since=.*&until=/)
    await page.getByRole('row').filter({ hasText: 'invalid_enumerator' }).waitFor()
  })

  it('is scrolled as it was when somebody comes back', async () => {
    const { page } = tab
    await page.setViewportSize({ width: 1_000, height: 400 })
    // The oldest first: newer ones still come in, and would push these down.
    await page.goto('/runs?job=track-signup-metrics&sort=oldest')
    const rows = page.getByRole('table').locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(25)
    const chosen = rows.nth(20).getByRole('link')
    const top = async () => (await chosen.boundingBox())?.y ?? NaN
    await chosen.scrollIntoViewIfNeeded()
    // To be clicked it may have to come a little further into view.
    await chosen.hover()
    expect(await page.evaluate<number>('scrollY')).toBeGreaterThan(100)
    const before = await top()
    await chosen.click()
    await page.getByRole('heading', { name: 'track-signup-metrics' }).waitFor()
    await page.goBack()
    // What comes in above it afterwards does not move it.
    await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(30)
  })

  it('has a line for each run, and offers only what one of them would take', async () => {
    const { page } = tab
    await page.goto('/runs?status=failed')
    const row = page.getByRole('row').filter({ hasText: 'invalid_enumerator' })
    expect((await row.boundingBox())?.height).toBeLessThan(48)
    const steering = page.getByRole('group', { name: 'Steer many runs' })
    await steering.getByText(/All that fit \(\d+\)/).waitFor()
    expect(await steering.getByRole('button').allTextContents()).toEqual(['Retry'])
    await steering.getByRole('button', { name: 'Retry' }).click()
    await page.getByRole('dialog').getByText('Errors: 1 invalid_enumerator').waitFor()
    await page.getByRole('button', { name: 'Go back' }).click()
  })

  it('steers the chosen ones, and all that fit, after asking', async () => {
    const { page } = tab
    await page.goto('/runs?job=track-signup-metrics&status=queued')
    const boxes = page.getByRole('checkbox', { name: 'Choose run' })
    await boxes.first().check()
    await boxes.nth(1).check()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').getByText('Cancel 2 chosen runs?').waitFor()
    await page.getByRole('button', { name: 'Go back' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByText('cancel: 2 obeyed, 0 refused.').waitFor()
    await page.getByText('All that fit').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByRole('heading', { name: 'steer-runs' }).waitFor()
    await page.getByText('completed').first().waitFor()
    const left = await worker.client.runs({ job: 'track-signup-metrics', status: 'queued' })
    expect(left.runs).toEqual([])
  })
})

describe('Alerts', () => {
  it('are shown with the run, and dismissed by a person', async () => {
    const { page } = tab
    await page.goto(`/runs/${runs.failed.id}`)
    await page
      .getByRole('region', { name: 'Alerts' })
      .getByText('failed', { exact: true })
      .waitFor()
    await page.goto('/alerts')
    const raised = page.getByRole('region', { name: 'Raised' })
    await raised.getByRole('link', { name: 'import-orders' }).waitFor()
    const open = await raised.getByRole('listitem').count()
    await raised.getByRole('button', { name: 'Dismiss the alert failed of import-orders' }).click()
    await expect.poll(() => raised.getByRole('listitem').count()).toBe(open - 1)
    await page.getByRole('button', { name: 'all', exact: true }).click()
    await raised.getByText('cleared').waitFor()
  })

  it('are sent to endpoints, whose deliveries can be seen and tried again', async () => {
    const { page } = tab
    await page.goto('/alerts')
    const endpoints = page.getByRole('region', { name: 'Webhooks' })
    await endpoints.getByText('http://127.0.0.1:9').waitFor()
    await endpoints.getByRole('button', { name: 'Send a test to team' }).click()
    const deliveries = page.getByRole('region', { name: 'Deliveries' })
    const test = deliveries.getByRole('row').filter({ hasText: 'webhook.test' })
    await test.getByText('pending').waitFor()
    await test.getByRole('button', { name: 'Try now' }).click()
    await expect.poll(async () => Number(await test.getByRole('cell').nth(5).innerText())).toBe(1)
  })
})

describe('A run', () => {
  it('shows its follow-up run, and how that stands', async () => {
    const { page } = tab
    await page.goto(`/runs/${runs.parent.id}`)
    const children = page.getByRole('region', { name: 'Follow-up runs' })
    await children.getByText('completed').waitFor()
    await children.getByRole('link', { name: 'deliver-mail' }).click()
    await page.getByRole('heading', { name: 'deliver-mail' }).waitFor()
    await page.getByText('Parent', { exact: true }).waitFor()
  })

  it('shows its skipped items, and runs them again', async () => {
    const { page } = tab
    await page.goto(`/runs/${runs.redrivable.id}`)
    const skips = page.getByRole('region', { name: 'Skipped items' })
    await expect.poll(() => skips.locator('tbody tr').count()).toBe(2)
    await page.getByRole('button', { name: 'Re-drive' }).click()
    await page.getByRole('dialog').getByText('2 skipped items').first().waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Re-drive' }).click()
    await page.getByText('Re-drive of').waitFor()
    await page.getByText('0 of 2').first().waitFor()
  })

  it('is cancelled only after asking', async () => {
    const { page } = tab
    await page.goto(`/runs/${runs.waiting.id}`)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect((await worker.client.run(runs.waiting.id)).status).toBe('queued')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Cancel the run' }).click()
    await page.getByText('It was cancelled.').waitFor()
    await page.getByRole('region', { name: 'Audit trail' }).getByText('cancel').waitFor()
    await page.getByRole('button', { name: 'Retry' }).waitFor()
  })

  it('is done again from a step on, and forked from a commit, by new runs', async () => {
    const { page } = tab
    await page.goto(`/runs/${runs.completed.id}`)
    await page.getByRole('button', { name: /Restart from here.*process_orders/ }).click()
    const dialog = page.getByRole('dialog')
    const params = dialog.getByLabel('Params of the new run')
    const before = await params.inputValue()
    await params.fill('{ no JSON')
    await dialog.getByRole('button', { name: 'Start a new run' }).click()
    await dialog.getByText('This is no JSON').waitFor()
    await params.fill(before)
    await dialog.getByRole('button', { name: 'Start a new run' }).click()
    await page.getByText('Fork of').waitFor()
    await page.getByText('completed').first().waitFor()

    await page.goto(`/runs/${runs.held.id}`)
    await page.getByText('Ledger').click()
    const ledger = page.getByRole('region', { name: 'Ledger' })
    // Not the newest: the row of the commit that came to 50 items.
    const row = ledger.getByRole('row').nth(3)
    const seq = await row.getByRole('cell').first().innerText()
    await row.getByRole('button', { name: 'Fork' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Fork' }).click()
    await page.getByText(`at commit ${seq}`).waitFor()
    await page.getByText('completed').first().waitFor()
    expect((await worker.client.run(runs.held.id)).held).toBe(true)
  })

  it('that is not there hears so', async () => {
    await tab.close()
    tab = await openTab(browser, worker.url, {}, /404/)
    await tab.page.goto(`/runs/${'0'.repeat(32)}`)
    await tab.page.getByText('unknown_run').waitFor()
  })
})
