import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTab, seriousFindings, startBrowser, type Tab } from './support/browser.ts'
import { SERVE } from './support/bundled-worker.ts'
import { slowConfig } from './support/deployment.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'

const ORDERS = 600
const EACH_ORDER = { commit: { everyItems: 1 } }

let worker: FreshWorker
let browser: Browser
let tab: Tab

beforeAll(async () => {
  // Each commit takes 10 ms, so that there is something to watch on a machine however fast.
  worker = await startFreshWorker({ vars: { SLICE_WALL_MS: '20000' }, script: SERVE }, slowConfig)
  browser = await startBrowser()
  await worker.client.seed({ orders: ORDERS, customers: 40 })
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

/** How many items the page says are done. */
async function done(page: Page): Promise<number> {
  const words = await page.getByRole('progressbar').first().getAttribute('aria-label')
  return Number(/Progress: ([\d,]+)/.exec(words ?? '')?.[1]?.replaceAll(',', ''))
}

/** The words of what has the focus: its label's, or its own. */
async function focused(page: Page): Promise<string> {
  const words = await page.evaluate(
    `(({ labels, ariaLabel, textContent }) => ariaLabel ?? labels?.[0]?.textContent ?? textContent)(document.activeElement)`,
  )
  return String(words).trim()
}

describe('A run that is watched live', () => {
  it('is interrupted, killed and resumed, and does each order once', async () => {
    const { page } = tab
    const { id } = await worker.client.start('process-orders', EACH_ORDER)
    await page.goto(`/runs/${id}`)
    await expect.poll(() => done(page)).toBeGreaterThan(20)
    await page.getByText(/^[\d,.]+\/s$/).waitFor()

    await page.getByRole('button', { name: 'Interrupt and hold' }).click()
    await page.getByText('It is held at its checkpoint until somebody resumes it.').waitFor()
    await page.getByRole('button', { name: /interrupted \(signal\)/ }).waitFor()
    const held = await done(page)
    expect((await worker.client.run(id)).progress.done).toBe(held)
    expect(held).toBeLessThan(ORDERS)

    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('A slice is at work on it.').waitFor()
    await expect.poll(() => done(page)).toBeGreaterThan(held)

    await page.getByRole('button', { name: 'Kill its slice' }).click()
    await page.getByRole('button', { name: 'Kill it', exact: true }).click()
    const slices = page.getByRole('group', { name: /slices/ })
    await slices.getByRole('button', { name: /vanished after/ }).waitFor()
    await page.getByRole('group', { name: 'Which events' }).getByText('errors').click()
    await page.getByText('Slice vanished').waitFor()

    await page.getByText(`It did ${ORDERS} items`).waitFor()
    await page.getByRole('button', { name: 'Verify' }).click()
    const checks = page.getByRole('region', { name: 'Verification' }).getByRole('listitem')
    await expect.poll(() => checks.count()).toBeGreaterThan(3)
    expect(await page.getByText('does not hold').count()).toBe(0)
    expect(await seriousFindings(page)).toEqual([])

    // One stop for the keyboard, then by arrows from slice to slice, with all there is to know of each.
    await slices.getByRole('button').last().focus()
    await page.keyboard.press('Home')
    const first = slices.getByRole('button').first()
    expect(await focused(page)).toMatch(/^Slice with fence 1: /)
    expect(await first.getAttribute('aria-label')).toMatch(
      /^Slice with fence 1: interrupted \((signal|budget)\) after .+; \d+ items in \d+ commits$/,
    )
    await page.locator('.tip').getByText('fence 1').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.tip').waitFor({ state: 'detached' })
  })

  it('keeps its elements, the focus, and what is typed, while news come in', async () => {
    const { page } = tab
    await worker.client.reset()
    const { id } = await worker.client.start('process-orders-iteration', EACH_ORDER)
    await page.goto('/runs')
    const row = page.getByRole('row').filter({ hasText: id.slice(0, 8) })
    await row.waitFor()
    await page.evaluate("document.querySelectorAll('main *').forEach((one) => (one.known = true))")
    await page.getByLabel('Search').pressSequentially('half a wo')
    const bar = row.getByRole('progressbar')
    const before = await bar.getAttribute('aria-label')
    await expect.poll(() => bar.getAttribute('aria-label')).not.toBe(before)
    await page.getByLabel('Search').pressSequentially('rd')
    expect(await page.getByLabel('Search').inputValue()).toBe('half a word')
    const isKnown = (element: object) => 'known' in element
    expect(await bar.evaluate(isKnown)).toBe(true)
    expect(await row.getByRole('link').evaluate(isKnown)).toBe(true)
    expect(await page.locator(':focus').getAttribute('name')).toBe('q')
    await worker.client.command(id, 'cancel')
  })

  it('says when the connection is lost, keeps what it showed, and goes on by itself', async () => {
    await tab.close()
    tab = await openTab(browser, worker.url, {}, /ERR_INTERNET_DISCONNECTED|ERR_NETWORK/)
    const { page } = tab
    await worker.client.reset()
    const { id } = await worker.client.start('process-orders', EACH_ORDER)
    await page.goto(`/runs/${id}`)
    await expect.poll(() => done(page)).toBeGreaterThan(5)
    await page.context().setOffline(true)
    await page.getByRole('alert').getByText('Connection lost.').waitFor()
    expect(await page.getByRole('alert').count()).toBe(1)
    const before = await done(page)
    expect(before).toBeGreaterThan(5)
    await page.context().setOffline(false)
    await page.getByText('Connection lost.').waitFor({ state: 'detached' })
    await expect.poll(() => done(page)).toBeGreaterThan(before)
    await worker.client.command(id, 'cancel')
  })
})

describe('The keyboard alone', () => {
  it('starts a run, opens and leaves a dialog, and cancels', async () => {
    const { page } = tab
    await worker.client.reset()
    await page.goto('/')
    await page.getByRole('region', { name: 'Under way' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('To the content')
    await tabTo(page, 'Start a run')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Start a run' }).waitFor()
    // The new view has the focus, so that the next stop is within it.
    expect(await page.locator(':focus').getAttribute('id')).toBe('main')
    await tabTo(page, 'process-orders')
    await page.keyboard.press('Enter')
    await page.getByLabel('from').focus()
    await page.keyboard.type('1')
    await page.keyboard.press('Tab')
    await page.keyboard.type('500')
    await tabTo(page, 'More')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Commit every … items')
    await page.keyboard.type('1')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'process-orders' }).waitFor()
    await page.getByText('A slice is at work on it.').waitFor()
    await tabTo(page, 'Cancel')
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page)).toBe('Go back')
    await page.keyboard.press('Escape')
    // Where one was before.
    await expect.poll(() => focused(page)).toBe('Cancel')
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page)).toBe('Go back')
    await page.keyboard.press('Tab')
    await expect.poll(() => focused(page)).toBe('Cancel the run')
    await page.keyboard.press('Enter')
    await page.getByText('It was cancelled.').waitFor()
  })

  async function tabTo(page: Page, name: string) {
    for (let stops = 0; stops < 80; stops++) {
      await page.keyboard.press('Tab')
      if ((await focused(page)).startsWith(name)) return
    }
    throw new Error(`80 stops of the Tab key did not come to '${name}'`)
  }
})

describe('Side by side', () => {
  it('starts a job in both styles, interrupts one, kills the other, and proves both', async () => {
    const { page } = tab
    await worker.client.clean()
    await page.goto('/compare')
    await page.getByRole('button', { name: /^Seed/ }).click()
    await page.getByText('4,000 of 4,000 orders are pending').waitFor()
    // Few, so that the whole of it takes seconds.
    await worker.client.seed({ orders: 240, customers: 40 })
    await page.getByText('240 of 240 orders are pending').waitFor()
    await page
      .getByLabel('Source of process-orders', { exact: true })
      .getByText('defineJob')
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Start both' }).click()

    const steps = page.getByRole('region', { name: 'In steps' })
    const iteration = page.getByRole('region', { name: 'As an iteration' })
    await steps.getByRole('button', { name: 'Interrupt and hold' }).click()
    await iteration.getByRole('button', { name: 'Kill its slice' }).click()
    await page.getByRole('button', { name: 'Kill it', exact: true }).click()
    await steps.getByText('It is held at its checkpoint').waitFor()
    await iteration.getByRole('button', { name: /vanished after/ }).waitFor()
    await steps.getByRole('button', { name: 'Resume' }).click()
    for (const panel of [steps, iteration]) {
      await panel.getByText('It did 120 items').waitFor()
      await panel.getByRole('button', { name: 'Verify' }).click()
      await panel.locator('.checks').waitFor()
      expect(await panel.getByText('does not hold').count()).toBe(0)
    }
    expect(await worker.client.snapshot()).toMatchObject({ orders: { pending: 0 }, duplicates: 0 })
    expect(await seriousFindings(page)).toEqual([])
  })

  it.each(['Generate reports', 'Batch emails'])('does so with the pair %s', async (pair) => {
    const { page } = tab
    await page.goto('/compare')
    await page.getByRole('button', { name: pair }).click()
    await page.getByLabel('Commit').selectOption({ label: 'as the job itself would, fast' })
    await page.getByRole('button', { name: 'Start both' }).click()
    await expect.poll(() => page.getByText(/^It did/).count()).toBe(2)
  })
})
