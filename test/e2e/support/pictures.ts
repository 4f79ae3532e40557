import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'
import { startCatalogServer } from '../../support/catalog-server.ts'
import { openTab, startBrowser } from './browser.ts'
import { deployedConfig } from './deployment.ts'
import { startFreshWorker } from './fresh-worker.ts'
import { prepareShop } from './prepared-shop.ts'

/**
 * `npm run pictures`: takes the pictures of docs/guide/the-page.md, of each view in light and dark, from a
 * Worker of its own with a shop prepared for it.
 */
const PICTURES = join(PROJECT, 'docs/pictures')
const WIDE = { width: 1280, height: 860 }
const PHONE = { width: 390, height: 844 }

const server = await startCatalogServer()
// Takes all that is told, and says so.
const listener = createServer((_request, response) => response.writeHead(204).end())
await once(listener.listen(0, '127.0.0.1'), 'listening')
const { port } = listener.address() as { port: number }
const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const endpoint = { name: 'team', url: `http://127.0.0.1:${port}/dogear`, secret }
const worker = await startFreshWorker(
  { vars: { WEBHOOKS: JSON.stringify([endpoint]), SLICE_WALL_MS: '8000' } },
  deployedConfig,
)
const browser = await startBrowser()
const { page, complaints } = await openTab(browser, worker.url, {
  viewport: WIDE,
  reducedMotion: 'reduce',
})

/** One view in both colour schemes. A phone has a picture of its own. */
async function take(name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // With a palette, which takes a third of the space.
    await sharp(await page.screenshot())
      .png({ palette: true, effort: 10 })
      .toFile(join(PICTURES, `${name}-${colorScheme}.png`))
  }
  console.log(name)
}

async function look(path: string, until: string): Promise<void> {
  await page.goto(path)
  await page.getByRole('main').getByText(until).filter({ visible: true }).first().waitFor()
  // Until also what comes with the next answers is there.
  await page.waitForTimeout(1_500)
}

/** How many items the page says are done. */
async function done(of: Page): Promise<number> {
  const words = await of.getByRole('progressbar').first().getAttribute('aria-label')
  return Number(/Progress: ([\d,]+)/.exec(words ?? '')?.[1]?.replaceAll(',', ''))
}

async function doneAtLeast(items: number): Promise<void> {
  while (!((await done(page)) >= items)) await page.waitForTimeout(50)
}

async function pressed(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click()
}

try {
  await mkdir(PICTURES, { recursive: true })
  await look('/', 'No run is under way')
  const runs = await prepareShop(worker.client, server.url)

  await look(`/runs/${runs.skipped.id}`, 'Skipped items')
  await pressed('Verify')
  await page.locator('.checks').waitFor()
  await page.setViewportSize({ width: 1280, height: 1250 })
  await take('run-skips')
  await page.setViewportSize(WIDE)
  await look('/shop', 'Processed total')
  await take('shop')

  // A run that has seen everything: interrupted, resumed, its slice killed.
  await worker.client.seed({ orders: 3_000, customers: 200 })
  const { id } = await worker.client.start('process-orders', {
    commit: { everyItems: 2 },
    labels: { campaign: 'autumn' },
  })
  await look(`/runs/${id}`, 'process_orders')
  await doneAtLeast(400)
  await pressed('Interrupt and hold')
  await page.getByText('It is held at its checkpoint').waitFor()
  await pressed('Resume')
  await doneAtLeast(900)
  await pressed('Kill its slice')
  await page.getByRole('dialog').waitFor()
  await take('question')
  await pressed('Kill it')
  await page.getByRole('button', { name: /vanished after/ }).waitFor()
  await doneAtLeast(1_300)
  await page.setViewportSize({ width: 1280, height: 1250 })
  await page.getByRole('button', { name: /vanished after/ }).hover()
  await take('run')
  await page.setViewportSize(PHONE)
  await take('phone-run')
  await page.setViewportSize(WIDE)
  await look('/', 'Under way')
  await page.getByText(/about .* left/).waitFor()
  await take('overview')
  await page.setViewportSize(PHONE)
  await take('phone-overview')
  await page.setViewportSize(WIDE)
  await look('/runs', 'import-orders')
  await page.getByRole('checkbox', { name: 'Choose run' }).nth(2).check()
  await take('runs')
  await look(`/runs/${runs.failed.id}`, 'invalid_enumerator')
  await take('run-failed')
  await look('/start', 'generate-reports')
  await take('jobs')
  await look('/start/process-orders', 'The same by command')
  await page.getByLabel('upTo').fill('500')
  await page.getByText('Interrupt it on purpose').click()
  await page.getByLabel('After items').fill('300')
  await page.getByLabel('and hold it').check()
  await take('start')
  await look('/audit', 'start')
  await take('audit')
  await look('/alerts', 'Webhooks')
  await take('alerts')

  await worker.client.seed({ orders: 2_000, customers: 400 })
  await look('/compare', 'defineIteration')
  await pressed('Start both')
  await doneAtLeast(60)
  await page.getByRole('button', { name: 'Interrupt and hold' }).first().click()
  await page.getByRole('button', { name: 'Kill its slice' }).last().click()
  await pressed('Kill it')
  await page.getByRole('button', { name: /vanished after/ }).waitFor()
  await page.waitForTimeout(1_500)
  await page.setViewportSize({ width: 1280, height: 1250 })
  await take('side-by-side')
  if (complaints.length > 0) throw new Error(complaints.join('\n'))
} finally {
  await browser.close()
  await worker.remove()
  await server.close()
  listener.close()
}
