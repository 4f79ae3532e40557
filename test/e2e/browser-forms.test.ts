import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTab, startBrowser, type Tab } from './support/browser.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'

const VIEWER = 'viewer-5f0c2a9d1b'
const OPERATOR = 'operator-77ab31e0c4'
/** What the page is refused is in the console, too, by its status. */
const REFUSED = /status of (401|403|400|422)/

let worker: FreshWorker
let browser: Browser
let tab: Tab

beforeAll(async () => {
  const tokens = [
    { name: 'eve', role: 'viewer', token: VIEWER },
    { name: 'ola', role: 'operator', token: OPERATOR },
  ]
  worker = await startFreshWorker({ vars: { API_TOKENS: JSON.stringify(tokens) } })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await worker?.remove()
})
afterEach(async () => {
  await tab.close()
  expect(tab.complaints).toEqual([])
})

async function open(expected?: RegExp): Promise<Tab['page']> {
  tab = await openTab(browser, worker.url, {}, expected)
  return tab.page
}

describe('The shop', () => {
  it('is seeded, reset and cleaned, each after asking', async () => {
    const page = await open()
    await page.goto('/shop')
    await page.getByText('The shop is empty.').waitFor()
    await page.getByRole('spinbutton', { name: 'Orders' }).fill('120')
    await page.getByRole('button', { name: 'Seed' }).click()
    await page.getByRole('button', { name: 'Seed the shop' }).click()
    await page.getByText('120').first().waitFor()
    await page.getByRole('button', { name: 'Clean' }).click()
    await page.getByRole('button', { name: 'Go back' }).click()
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.getByRole('button', { name: 'Reset the shop' }).click()
    expect((await worker.client.snapshot()).orders.pending).toBe(120)
  })

  it('imports a file of orders, and says what is wrong with one', async () => {
    const page = await open(REFUSED)
    const [good, bad] = ['orders.csv', 'bad.csv'].map((name) => join(worker.folder, name))
    const header =
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
    await writeFile(
      good as string,
      `${header}\n900001,22423,CAKE STAND,2,2010-12-01 08:26:00,12.75,17850.0,United Kingdom\n`,
    )
    await writeFile(bad as string, 'a,b\n1,2\n')
    await page.goto('/shop')
    await page.getByLabel('File').setInputFiles(bad as string)
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('alert').getByText('import_columns_wrong').waitFor()
    await page.getByLabel('File').setInputFiles(good as string)
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('heading', { name: 'import-orders' }).waitFor()
    await page.getByText('It did one item').waitFor()
  })

  it('shows the mails that came in, by address, and what they say', async () => {
    await worker.client.start('send-welcome-email', { params: { customer: 1 } })
    const page = await open()
    await page.goto('/shop')
    const mailbox = page.getByRole('region', { name: 'Mailbox' })
    await mailbox.getByText('Welcome to the shop').first().click()
    await mailbox.getByText('Your account is ready.').first().waitFor()
    await mailbox.getByRole('searchbox').fill('nobody@example.com')
    await mailbox.getByRole('button', { name: 'Find' }).click()
    await mailbox.getByText('No mail to nobody@example.com').waitFor()
  })
})

describe('Starting a run', () => {
  it('by a form that is made of the params, with what they may be', async () => {
    const page = await open()
    await page.goto('/start')
    await page.getByRole('link', { name: /^process-orders Settles .* in steps/ }).click()
    await page.getByLabel('from').fill('1')
    await page.getByLabel('upTo').fill('40')
    await page.getByText('Interrupt it on purpose').click()
    await page.getByLabel('After items').fill('15')
    await page.getByLabel('and hold it').check()
    await page
      .getByText(
        'npm run dogear -- run process-orders --param from=1 --param upTo=40 --interrupt-after-items 15 --hold',
      )
      .waitFor()
    await page.getByText('More', { exact: true }).click()
    await page.getByLabel('Labels').fill('campaign:autumn')
    await page.getByLabel('Idempotency key').fill('once')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText('15 of 40').first().waitFor()
    await page.getByText('campaign:autumn').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('It did 40 items').waitFor()
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.locator('.checks').waitFor()
    expect(await page.locator('.checks .tone-failed').count()).toBe(0)
  })

  it('once more, with what a run had, from its page', async () => {
    const page = await open()
    const { runs } = await worker.client.runs({ label: 'campaign:autumn' })
    await page.goto(`/runs/${runs[0]?.id}`)
    await page.getByRole('link', { name: 'Run again' }).click()
    await page.getByText('which stays as it is').waitFor()
    expect(await page.getByLabel('upTo').inputValue()).toBe('40')
    expect(await page.getByLabel('Labels').inputValue()).toBe('campaign:autumn')
    await page.getByLabel('upTo').fill('7')
    await page
      .getByText(
        'run process-orders --param from=1 --param upTo=7 --label campaign:autumn --url http',
      )
      .waitFor()
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText('"upTo": 7').waitFor()
    await page.getByText('campaign:autumn').waitFor()
  })

  it('shows what the API refuses at its field, and keeps what was typed', async () => {
    const page = await open(REFUSED)
    await page.goto('/start/process-orders')
    await page.getByLabel('upTo').fill('-3')
    await page.getByLabel('from').fill('12')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.locator('.field', { hasText: 'upTo' }).getByText('Too small').waitFor()
    expect(await page.getByLabel('upTo').getAttribute('aria-invalid')).toBe('true')
    expect(await page.getByLabel('from').inputValue()).toBe('12')
    expect(await page.getByLabel('from').getAttribute('aria-invalid')).toBeNull()
  })
})

describe('A run that fails at an item', () => {
  it('goes on without it when somebody says so, and the skip says who', async () => {
    const page = await open()
    const { id } = await worker.client.start('resilient', { params: { fatal: [3] } })
    await page.goto(`/runs/${id}`)
    await page.getByRole('button', { name: 'Retry, passing over item 3' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Go on without item 3?').waitFor()
    await dialog.getByRole('button', { name: 'Retry without it' }).click()
    await page.getByText('1 skipped').first().waitFor()
    await page.getByText('passed over by developer').waitFor()
    await expect
      .poll(() => worker.client.run(id))
      .toMatchObject({ status: 'completed', progress: { skipped: 1 } })
  })
})

describe('Who looks', () => {
  it('as developer on this machine is admin; as viewer sees no button that is not theirs', async () => {
    const page = await open(REFUSED)
    await page.goto('/')
    await page.getByText('developer admin').waitFor()
    await page.evaluate(async (token) => {
      const headers = { 'content-type': 'application/json' }
      await fetch('/api/session', { method: 'POST', headers, body: JSON.stringify({ token }) })
    }, VIEWER)
    const { runs } = await worker.client.runs({ job: 'process-orders' })
    await page.goto(`/runs/${runs[0]?.id}`)
    await page.getByText('eve viewer').waitFor()
    await page
      .getByRole('region', { name: 'Events' })
      .getByText('Created', { exact: true })
      .waitFor()
    expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0)
    expect(await page.getByRole('group', { name: 'Steer' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: /Restart|Fork|Cancel/ }).count()).toBe(0)
    await page.goto('/shop')
    await page.getByText('Processed total').waitFor()
    expect(await page.getByRole('button', { name: /Seed|Reset|Clean|Upload/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('developer admin').waitFor()
  })

  it('elsewhere logs in with a token, and hears when it is wrong', async () => {
    // A name of this machine that the Worker does not take for a developer's.
    const { port } = new URL(worker.url)
    tab = await openTab(browser, `http://dogear.localhost:${port}`, {}, REFUSED)
    const { page } = tab
    await page.goto('/runs')
    await page.getByLabel('Token').fill('no-such-token-00')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').getByText('unauthenticated').waitFor()
    expect(await page.getByLabel('Token').inputValue()).toBe('')
    await page.getByLabel('Token').fill(OPERATOR)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('ola operator').waitFor()
    await page.getByRole('table').waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Token').waitFor()
  })
})
