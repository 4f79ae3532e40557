import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { Client } from '../../../src/client/index.ts'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'
import { isEnded } from '../../../src/engine/run.ts'
import { ExampleFolder } from '../../examples/example-folder.ts'
import { openTab, overflow, seriousFindings, startBrowser } from './browser.ts'
import { eventually } from './wait.ts'

/**
 * `npm run pictures:extremes`: each view with what is too much for it: words without an end, 10,000 skips, 3,000
 * slices, 200 failures; on a phone and on a wide screen, in three time zones. Says what is wider than the screen, and
 * what axe finds.
 */
const PICTURES = join(PROJECT, 'docs/pictures/extremes')
const BASE = '/ops'
const WORD = 'Donaudampfschifffahrtsgesellschaft'.repeat(60)
const SKIPS = 10_000
const SLICES = 3_000
const FAILURES = 200
const SCREENS = { phone: { width: 360, height: 1_400 }, wide: { width: 1_920, height: 1_400 } }
const ZONES = ['Asia/Kathmandu', 'America/St_Johns', 'Pacific/Auckland']

const SITE = `import { defineIteration, NonRetryableError } from 'dogear'
import { createDogear } from 'dogear/worker'

const walk = (items) => ({ cursor, enumerators }) => enumerators.times(items, { cursor })
const skipMost = defineIteration({
  name: 'skip-nearly-everything-and-go-on-with-what-is-left-of-it-at-last',
  description: 'Sends what can be sent. ${'Long words need room. '.repeat(15)}',
  skip: { maxSkips: ${SKIPS} },
  buildEnumerator: walk(${SKIPS + 2_000}),
  eachIteration(index) {
    if (index < ${SKIPS}) throw new Error('${WORD} ' + 'abcdefgh'[index % 8])
  },
})
const slices = defineIteration({
  name: 'many-slices',
  budget: { items: 1 },
  buildEnumerator: walk(${SLICES}),
  eachIteration(index, { run }) {
    if (index % 100 === 0) run.log(\`item \${index}: ${WORD.slice(0, 300)}\`)
  },
})
const fail = defineIteration({
  name: 'fail-at-once',
  buildEnumerator: walk(3),
  eachIteration: () => { throw new NonRetryableError('${WORD}', { cause: new Error('${WORD}') }) },
})
const jobs = createDogear({ jobs: [skipMost, slices, fail], path: '${BASE}' })
export const { JobRun } = jobs
export default jobs.wrap({ fetch: () => new Response('The site') })
`

const CONFIG = JSON.stringify({
  name: 'host',
  main: 'src/index.ts',
  compatibility_date: '2026-11-01',
  d1_databases: [{ binding: 'DB', database_name: 'host', database_id: '1' }],
  durable_objects: { bindings: [{ name: 'DOGEAR_RUNS', class_name: 'JobRun' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['JobRun'] }],
  queues: {
    producers: [{ binding: 'DOGEAR_QUEUE', queue: 'host-dogear' }],
    consumers: [{ queue: 'host-dogear', max_batch_size: 10, max_batch_timeout: 0 }],
  },
})

const site = await ExampleFolder.lasting({
  'src/index.ts': SITE,
  'wrangler.json': CONFIG,
  '.dev.vars': 'DEV_ACCESS=loopback\nDOGEAR_ENVIRONMENT=production',
})
const browser = await startBrowser()
try {
  await mkdir(PICTURES, { recursive: true })
  await site.dev(BASE)
  const client = new Client(site.url + BASE)
  const labels = { customer: WORD.slice(0, 60), region: 'North' }
  const skipped = await client.start(
    'skip-nearly-everything-and-go-on-with-what-is-left-of-it-at-last',
    { labels },
  )
  const sliced = await client.start('many-slices', { labels })
  for (let run = 0; run < FAILURES; run++) await client.start('fail-at-once', { labels })
  await eventually('all of it', 1_800_000, async () => {
    const ended = await Promise.all(
      [skipped, sliced].map(async ({ id }) => isEnded((await client.run(id)).status)),
    )
    return ended.every(Boolean) && (await client.errors()).groups[0]?.failed === FAILURES
  })
  const [group] = (await client.errors()).groups
  const views = {
    overview: '',
    runs: '/runs',
    'run-failed': `/runs/${group?.lastRun}`,
    'run-skips': `/runs/${skipped.id}`,
    'run-slices': `/runs/${sliced.id}`,
    errors: '/errors',
    error: `/errors/${group?.id}`,
    alerts: '/alerts',
    audit: '/audit',
    job: '/jobs/many-slices',
    start: `/start/${skipped.job}?from=${skipped.id}`,
  }
  for (const [index, [name, path]] of Object.entries(views).entries()) {
    const timezoneId = ZONES[index % ZONES.length] ?? ''
    const tab = await openTab(browser, site.url, {
      timezoneId,
      reducedMotion: 'reduce',
    })
    const { page, complaints } = tab
    for (const [screen, size] of Object.entries(SCREENS)) {
      await page.setViewportSize(size)
      await page.goto(BASE + path)
      await page.getByRole('main').waitFor()
      await page.waitForTimeout(3_000)
      await sharp(await page.screenshot())
        .png({ palette: true, colours: 32, effort: 10 })
        .toFile(join(PICTURES, `${name}-${screen}.png`))
      const found = [
        ...(await seriousFindings(page)),
        ...((await overflow(page)) > 0 ? [`${await overflow(page)} pixels wider`] : []),
        ...complaints,
      ]
      console.log(`${name}, ${screen}, ${timezoneId}: ${found.join('; ') || 'well'}`)
      complaints.length = 0
    }
    await tab.close()
  }
} finally {
  await browser.close()
  site.remove()
}
