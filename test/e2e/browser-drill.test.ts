import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Client, type Run } from '../../src/client/index.ts'
import { openTab, startBrowser, type Tab } from './support/browser.ts'
import { EQUAL_FAILURES, type Incident, MOSTLY_SKIPPED, plantIncident } from './support/incident.ts'
import { eventually } from './support/wait.ts'

/*
 * "The nightly import stopped at three in the morning: why, and what do I do?" Somebody on call comes eight hours
 * later, when 200 other failures have come on top.
 */

const BASE = '/ops'
const MOST = 2

let night: Incident
let client: Client
let browser: Browser
let tab: Tab
let clicks: number

beforeAll(async () => {
  night = await plantIncident(({ url }) => new Client(url + BASE))
  client = new Client(night.site.url + BASE)
  browser = await startBrowser()
}, 900_000)
afterAll(async () => {
  await browser?.close()
  night?.site.remove()
})
beforeEach(async () => {
  tab = await openTab(browser, night.site.url)
  clicks = 0
})
afterEach(async () => {
  await tab.close()
  expect(tab.complaints).toEqual([])
})

/** Counts, and refuses one too many. */
async function click(what: Locator): Promise<void> {
  clicks += 1
  expect(clicks, `clicks until ${String(what)}`).toBeLessThanOrEqual(MOST)
  await what.click()
}

/** From now on it is acted upon. */
function known(): void {
  clicks = 0
}

const attention = (page: Page) => page.getByRole('region', { name: 'Needs attention' })

/** The item of the overview that is about this job, or schedule. */
const about = (page: Page, name: string) =>
  attention(page).getByRole('listitem').filter({ hasText: name })

async function becomes(run: Run, is: (now: Run) => boolean): Promise<void> {
  await eventually(`${run.job} as it is wanted`, 60_000, async () => is(await client.run(run.id)))
}

describe('By the page, in two clicks to the reason and two to the act:', () => {
  it('one item that cannot be handled', async () => {
    const { page } = tab
    await page.goto(BASE)
    await click(about(page, 'nightly-import').getByRole('link', { name: 'nightly-import' }))
    await page.getByText('product 317: price is null').first().waitFor()
    await click(page.getByRole('table').getByRole('link').first())
    await page.getByText(/gave up at item 316 .*after 2 attempts/).waitFor()
    known()
    await click(page.getByRole('button', { name: 'Retry, passing over item 316' }))
    await click(page.getByRole('button', { name: 'Retry without it' }))
    await becomes(night.poisoned, ({ status }) => status === 'completed')
    const { skips } = await client.skips(night.poisoned.id)
    expect(skips).toMatchObject([{ cursor: 316, error: { name: 'TypeError' }, by: 'developer' }])
  })

  it('one item that D1 refuses', async () => {
    const { page } = tab
    await page.goto(BASE)
    await click(about(page, 'store-prices').getByRole('link', { name: 'store-prices' }))
    await click(page.getByRole('table').getByRole('link').first())
    const error = page.getByRole('region', { name: 'Error' })
    await error.getByText('UNIQUE constraint failed: prices.sku').first().waitFor()
    await error.getByText('INSERT INTO prices (sku) VALUES (?)').waitFor()
    await error.getByText('At cursor 33').waitFor()
    known()
    await click(page.getByRole('button', { name: 'Retry, passing over item 33' }))
    await click(page.getByRole('button', { name: 'Retry without it' }))
    await becomes(night.duplicate, ({ status }) => status === 'completed')
  })

  it('an item that sleeps', async () => {
    const { page } = tab
    await page.goto(BASE)
    const underWay = page.getByRole('region', { name: 'Under way' })
    await click(underWay.getByRole('link', { name: /ask-partner/ }).first())
    await page.getByText('Last heard').waitFor()
    await page.getByText('Lease ends').waitFor()
    await page.getByRole('region', { name: 'Progress' }).getByText('5').first().waitFor()
    known()
    await click(page.getByRole('button', { name: 'Kill its slice' }))
    await click(page.getByRole('button', { name: 'Kill it', exact: true }))
    await page.getByText('run.commanded').first().waitFor({ state: 'attached' })
  })

  it('a job that is no part of the code any more', async () => {
    const { page } = tab
    await page.goto(BASE)
    await click(about(page, 'old-report').getByRole('link', { name: 'old-report' }))
    await page.getByText('unknown_job').first().waitFor()
    await click(page.getByRole('table').getByRole('link').first())
    await page.getByText('old-report').first().waitFor()
    await page.getByRole('region', { name: 'Error' }).getByText('unknown_job').first().waitFor()
    // A deploy brings it back; until then there is only to put it away.
    known()
    await page.goBack()
    await click(page.getByRole('button', { name: 'Dismiss of old-report' }))
    await page.getByText('dismissed').first().waitFor()
  })

  it('params that name nothing', async () => {
    const { page } = tab
    await page.goto(BASE)
    await click(about(page, 'send-campaign').getByRole('link', { name: 'send-campaign' }))
    await page.getByText('There is no segment al').first().waitFor()
    await click(page.getByRole('table').getByRole('link').first())
    await page.getByText('"segment": "al"').waitFor()
    known()
    await click(page.getByRole('link', { name: 'Run again…' }))
    await page.getByLabel('segment').fill('all')
    await click(page.getByRole('button', { name: 'Start', exact: true }))
    await page.getByText('completed').first().waitFor()
  })

  it('a schedule that starts no run', async () => {
    const { page } = tab
    await page.goto(BASE)
    await about(page, 'nightly-campaign').getByText('schedule does not run').waitFor()
    const schedules = page.getByRole('region', { name: 'Schedules' })
    await schedules.getByText(/Starts no run.*segment/).waitFor()
    known()
    await click(schedules.getByRole('button', { name: 'Pause' }))
    await schedules.getByText('paused since').waitFor()
  })

  it('many failures of one error', async () => {
    const { page } = tab
    await page.goto(BASE)
    const all = about(page, 'charge-cards')
    await all.getByText(`${EQUAL_FAILURES} runs`).waitFor()
    await all.getByText('The bank refuses card').waitFor()
    known()
    await click(all.getByRole('button', { name: `Retry all (${EQUAL_FAILURES})` }))
    await click(page.getByRole('dialog').getByRole('button', { name: 'Retry' }))
    await page.getByRole('heading', { name: 'steer-runs' }).waitFor()
    await page.getByText('completed').first().waitFor()
    await eventually('all of them fail again', 180_000, async () => {
      const { failed, occurrences } = await client.error(night.equal.id)
      return failed === EQUAL_FAILURES && occurrences === 2 * EQUAL_FAILURES
    })
  })

  it('a run that has completed, and skipped most', async () => {
    const { page } = tab
    await page.goto(BASE)
    await page.getByText('with skips').waitFor()
    const alert = about(page, 'send-receipts')
    await alert.getByText('over its skip rate').waitFor()
    await click(alert.getByRole('link', { name: 'send-receipts' }))
    const skips = page.getByRole('region', { name: 'Skipped items' })
    await skips.getByText('customer <n> has no address').waitFor()
    await skips.getByText('1,000').first().waitFor()
    known()
    await click(page.getByRole('button', { name: 'Re-drive skipped items' }))
    await page.getByText(`Handle ${MOSTLY_SKIPPED.skipped.toLocaleString('en')} skipped`).waitFor()
    await click(page.getByRole('button', { name: 'Re-drive', exact: true }))
    await page.getByText('Re-drive of').waitFor()
  })

  it('what somebody names on the phone', async () => {
    const { page } = tab
    await page.goto(BASE)
    await about(page, 'charge-cards').waitFor()
    await page.keyboard.press('/')
    await page.locator('main input[type=search]:focus').waitFor()
    await page.keyboard.type('There is no segment al')
    await page.keyboard.press('Enter')
    await page.getByRole('table').getByText('send-campaign').first().waitFor()
  })
})

describe('By the command, in two commands to the reason and one to the act:', () => {
  async function said(...args: string[]): Promise<string> {
    const { code, output } = await night.site.dogear('--url', night.site.url + BASE, ...args)
    expect(code, output).toBe(0)
    return output
  }

  it('each error stands in the overview, however many runs share another one', async () => {
    const overview = await said('overview')
    expect(overview).toContain(`The bank refuses card`)
    expect(overview).toContain('schedule nightly-campaign')
    expect(overview).toContain('send-receipts')
    const errors = await said('errors', '--state', 'any', '-o', 'wide')
    expect(errors).toMatch(/store-prices.*/)
    expect(errors).toContain('UNIQUE constraint failed')
    expect(errors).toContain('unknown_job')
    expect(errors).toContain(`${EQUAL_FAILURES}`)
  })

  it('one item that cannot be handled is passed over', async () => {
    const { id } = await client.start('nightly-import')
    await eventually('it fails', 60_000, async () => (await client.run(id)).status === 'failed')
    expect(await said('overview')).toContain('product 317: price is null')
    expect(await said('show', 'last')).toContain("316 of step 'iteration'")
    await said('retry', 'last', '--pass-over')
    await eventually('it is done', 60_000, async () => {
      const { status, progress } = await client.run(id)
      return status === 'completed' && progress.skipped === 1
    })
  })

  it('a run is done again with what it should have been given', async () => {
    const shown = await said('show', night.misspelt.id)
    expect(shown).toContain('There is no segment al')
    const again = await said(
      'run',
      'send-campaign',
      '--from',
      night.misspelt.id,
      '--param',
      'segment=all',
      '--wait',
    )
    expect(again).toContain('completed')
  })

  it('all runs of one error are retried, once their number is known', async () => {
    expect(await said('errors')).toContain('charge-cards')
    const { id } = night.equal
    const dry = await said('errors', 'retry', id.slice(0, 8), '--dry-run')
    expect(dry).toContain(`${EQUAL_FAILURES}`)
  })

  it('skipped items are counted by their error', async () => {
    const groups = await said('skips', night.skipping.id, '--groups')
    expect(groups).toContain('customer <n> has no address')
    expect(groups).toMatch(/1,?000/)
  })
})
