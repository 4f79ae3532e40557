import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findChromium, NO_CHROMIUM } from './chromium.ts'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error(NO_CHROMIUM)
  return chromium.launch({ executablePath, args: FLAGS })
}

/** A tab, and what its console has complained of. */
export interface Tab {
  page: Page
  /** Errors and warnings of the page, refused contents, requests to other hosts; all empty when all is well. */
  complaints: string[]
  close(): Promise<void>
}

/** Opens a tab of its own; `expected` are complaints that the test itself brings about. */
export async function openTab(
  browser: Browser,
  base: string,
  options: BrowserContextOptions = {},
  expected?: RegExp,
): Promise<Tab> {
  const context = await browser.newContext({
    baseURL: base,
    locale: 'en-US',
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  // Generous, for a machine that does much else; never reached when all is well.
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  const complain = (text: string) => {
    if (!expected?.test(text)) complaints.push(text)
  }
  page.on('pageerror', (error) => complain(error.stack ?? error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complain(`${message.text()} ${message.location().url}`)
    }
  })
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url())
    if (protocol !== 'data:' && host !== new URL(base).host) complain(`loads ${request.url()}`)
  })
  return { page, complaints, close: () => context.close() }
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds serious or critical: the rule and the elements; in dark, by colours alone. */
export async function seriousFindings(
  page: Page,
  what: 'all' | 'colours' = 'all',
): Promise<string[]> {
  // Evaluated, since the page's own policy lets no other script in.
  const known = await page.evaluate<boolean>("'axe' in globalThis")
  if (!known) await page.evaluate(await readFile(AXE, 'utf8'))
  return page.evaluate(async (which) => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run({
      resultTypes: ['violations'],
      ...(which === 'colours' && { runOnly: ['color-contrast'] }),
    })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
      )
  }, what)
}

/** How much wider than the screen the page is. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
}
