import { existsSync } from 'node:fs'

/** The headless shell first: the same engine, without the parts of a browser that no test looks at. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A real Chromium: the one that `CHROMIUM` names, or the machine's own. */
export function findChromium(): string | undefined {
  return [process.env['CHROMIUM'] ?? PLACES].flat().find((place) => existsSync(place))
}

/** What to do when there is none. */
export const NO_CHROMIUM =
  'The page is tested in a real Chromium, and there is none here: install it (apt-get install chromium-headless-shell), or name one by the variable CHROMIUM'

/**
 * The files of tests to leave out: those in a browser, on a machine without one, and it is said. In CI they
 * are never left out.
 */
export function withoutBrowser(): string[] {
  if (process.env['CI'] || findChromium()) return []
  console.warn(`${NO_CHROMIUM}. Left out: test/e2e/browser*.test.ts`)
  return ['test/e2e/browser*.test.ts']
}
