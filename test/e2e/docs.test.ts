import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fences, names, pages, words } from '../support/docs.ts'
import { dogear } from './support/dogear.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'

const DOGEAR = 'npm run dogear -- '

/** Commands that are shown and not run here, and why. */
const EXEMPT: { begins: string; because: string }[] = [
  { begins: 'npm ci', because: 'CI begins with it' },
  { begins: 'npm test', because: 'this is part of it' },
  { begins: 'npm run demo', because: 'demo.test.ts runs it' },
  { begins: 'npm run dev', because: 'the Worker of this test is started the same way' },
  { begins: 'npm run deploy', because: 'needs an account; CI deploys with --dry-run' },
  { begins: 'npx wrangler', because: 'needs an account' },
  { begins: 'npm i dogear', because: 'test/examples/ installs the package' },
  {
    begins: 'npx dogear',
    because: 'test/docs/commands.test.ts reads them; test/examples/ types the first steps',
  },
]

/** A command as a page shows it, without its comment. */
interface Shown {
  page: string
  command: string
}

const shown: Shown[] = pages().flatMap((page) =>
  fences(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter((command) => command !== '')
    .map((command) => ({ page, command })),
)
const isExempt = (command: string) => EXEMPT.some(({ begins }) => command.startsWith(begins))
const run = shown.filter(({ command }) => !isExempt(command))

describe('The commands of the pages', () => {
  let worker: FreshWorker

  beforeAll(async () => {
    worker = await startFreshWorker()
  })

  afterAll(async () => {
    await worker?.remove()
  })

  it.each(pages().filter((page) => run.some((one) => one.page === page)))(
    'work in the order of %s',
    async (page) => {
      for (const { command } of run.filter((one) => one.page === page)) {
        expect(command.startsWith(DOGEAR), `${command}: run it, or exempt it`).toBe(true)
        const args = words(command.slice(DOGEAR.length))
        const { code, stderr } = await dogear(worker.url, ...args)
        expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' })
      }
    },
  )

  it('ask routes that there are', async () => {
    const response = await fetch(`${worker.url}/openapi.json`)
    const { paths }: { paths: Record<string, object> } = JSON.parse(await response.text())
    const known = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => {
        const pattern = path.replaceAll(/\{\w+\}/g, '[^/]+')
        return new RegExp(`^${method.toUpperCase()} ${pattern}$`)
      }),
    )
    const missing = [...new Set(pages().flatMap(routes))].filter(
      (route) => !known.some((pattern) => pattern.test(route)),
    )
    // The API does not describe what is no part of it.
    for (const route of missing) {
      expect(route.startsWith('GET '), route).toBe(true)
      expect((await fetch(worker.url + route.slice('GET '.length))).status, route).toBe(200)
    }
  })

  it('are exempt only where there is one to exempt', () => {
    for (const { begins } of EXEMPT)
      expect(
        shown.some(({ command }) => command.startsWith(begins)),
        begins,
      ).toBe(true)
  })
})

/** The routes that a page names, one for each of `{several,words}`. */
function routes(page: string): string[] {
  return names(page)
    .filter((name) => /^(GET|POST|PUT|DELETE) \//.test(name))
    .map((name) => name.replace(/\?.*$/, ''))
    .flatMap((name) => {
      const [list, inside] = /\{([\w,]+)\}/.exec(name) ?? []
      return list && inside ? inside.split(',').map((word) => name.replace(list, word)) : [name]
    })
}
