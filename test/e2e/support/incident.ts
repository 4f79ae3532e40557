import type { Client, ErrorGroup, Run } from '../../../src/client/index.ts'
import { isEnded } from '../../../src/engine/run.ts'
import { ExampleFolder } from '../../examples/example-folder.ts'
import { executeIn, rowsIn } from '../../support/local-d1.ts'
import { eventually } from './wait.ts'

/** So many runs fail of the same error, after those that matter. */
export const EQUAL_FAILURES = 200
/** Of so many items nearly all are skipped. */
export const MOSTLY_SKIPPED = { items: 1_200, skipped: 1_000 }
export const HOURS_AGO = 8

const REMOVED = `const oldReport = defineIteration({
  name: 'old-report',
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(10, { cursor }),
  eachIteration: () => {},
})
`

/** A site whose night goes wrong in eight ways. Its last deploy removes a job of which a run waits. */
const site = (removed: boolean) => `import { defineIteration, NonRetryableError } from 'dogear'
import { defineSchedule } from 'dogear/schedules'
import { createDogear } from 'dogear/worker'
import { z } from 'zod'

const retry = { attempts: 2, waitMs: 50 }
const nightlyImport = defineIteration({
  name: 'nightly-import',
  retry,
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(400, { cursor }),
  eachIteration(index) {
    if (index === 316) throw new TypeError('product 317: price is null')
  },
})
const storePrices = defineIteration({
  name: 'store-prices',
  retry,
  async onStart({ env }) {
    await env.DB.prepare('CREATE TABLE IF NOT EXISTS prices (sku INTEGER UNIQUE)').run()
  },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(60, { cursor }),
  eachIteration(index, { effects }) {
    effects.run('INSERT INTO prices (sku) VALUES (?)', index === 33 ? 32 : index)
  },
})
const askPartner = defineIteration({
  name: 'ask-partner',
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(10, { cursor }),
  eachIteration: (index) => (index === 5 ? scheduler.wait(3_600_000) : undefined),
})
${removed ? '' : REMOVED}
const sendCampaign = defineIteration({
  name: 'send-campaign',
  params: z.strictObject({ segment: z.string() }),
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(20, { cursor }),
  eachIteration(_index, { params: { segment } }) {
    if (segment !== 'all') throw new NonRetryableError(\`There is no segment \${segment}\`)
  },
})
const chargeCards = defineIteration({
  name: 'charge-cards',
  params: z.strictObject({ card: z.number() }),
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
  eachIteration(_index, { params: { card } }) {
    throw new NonRetryableError(\`The bank refuses card \${card}\`)
  },
})
const sendReceipts = defineIteration({
  name: 'send-receipts',
  skip: { maxSkips: ${MOSTLY_SKIPPED.skipped} },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(${MOSTLY_SKIPPED.items}, { cursor }),
  eachIteration(index) {
    if (index < ${MOSTLY_SKIPPED.skipped}) throw new Error(\`customer \${index} has no address\`)
  },
})
const jobs = createDogear({
  jobs: [
    nightlyImport, storePrices, askPartner, sendCampaign, chargeCards, sendReceipts,
    ${removed ? '' : 'oldReport,'}
  ],
  schedules: [
    defineSchedule({
      name: 'nightly-campaign',
      cron: '* * * * *',
      job: sendCampaign,
      params: () => ({ segments: ['all'] }),
    }),
  ],
  path: '/ops',
})

export const { JobRun } = jobs
export default jobs.wrap({ fetch: () => new Response('The site') })
`

/** Without a queue: the local one works its messages one after the other, and one of them sleeps. */
const CONFIG = JSON.stringify({
  name: 'host',
  main: 'src/index.ts',
  compatibility_date: '2026-11-01',
  d1_databases: [{ binding: 'DB', database_name: 'host', database_id: '1' }],
  durable_objects: { bindings: [{ name: 'DOGEAR_RUNS', class_name: 'JobRun' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['JobRun'] }],
  triggers: { crons: ['* * * * *'] },
})

/** What happened in the night, by what it is an example of. */
export interface Incident {
  site: ExampleFolder
  poisoned: Run
  duplicate: Run
  asleep: Run
  removed: Run
  misspelt: Run
  skipping: Run
  equal: ErrorGroup
}

/** Plants all of it in a Worker of its own, the many equal failures last, and makes it eight hours old. */
export async function plantIncident(clientOf: (site: ExampleFolder) => Client): Promise<Incident> {
  const folder = await ExampleFolder.lasting({
    'src/index.ts': site(false),
    'wrangler.json': CONFIG,
    '.dev.vars': 'DEV_ACCESS=loopback',
  })
  await folder.dev('/ops')
  const client = clientOf(folder)
  const removed = await client.start('old-report', { wait: '1 hour' })
  const [poisoned, duplicate, asleep, misspelt, skipping] = await Promise.all([
    client.start('nightly-import'),
    client.start('store-prices'),
    client.start('ask-partner'),
    client.start('send-campaign', { params: { segment: 'al' } }),
    client.start('send-receipts'),
  ])
  const settled = [poisoned, duplicate, misspelt, skipping].map(({ id }) => id)
  await eventually('what goes wrong first', 180_000, async () => {
    const runs = await Promise.all(settled.map((id) => client.run(id)))
    return runs.every(({ status }) => isEnded(status))
  })
  for (let card = 1; card <= EQUAL_FAILURES; card++)
    await client.start('charge-cards', { params: { card: 10_000 + card } })
  await eventually(`${EQUAL_FAILURES} equal failures`, 300_000, async () => {
    const { groups } = await client.errors()
    return groups.find(({ job }) => job === 'charge-cards')?.failed === EQUAL_FAILURES
  })

  folder.write('src/index.ts', site(true))
  folder.kill()
  makeOlder(folder)
  await folder.dev('/ops')
  await client.command(removed.id, 'resume', { now: true })
  for (const minute of [0, 1]) {
    const time = Date.now() + minute * 60_000
    const ring = `cron=${encodeURIComponent('* * * * *')}&time=${time}`
    await fetch(`${folder.url}/cdn-cgi/handler/scheduled?${ring}`)
  }
  await eventually('the run of the removed job', 120_000, async () => {
    const { status } = await client.run(removed.id)
    return status === 'failed'
  })
  const { groups } = await client.errors()
  const equal = groups.find(({ job }) => job === 'charge-cards') as ErrorGroup
  return { site: folder, poisoned, duplicate, asleep, removed, misspelt, skipping, equal }
}

/** Moves every time in Dogear's tables back. */
function makeOlder(folder: ExampleFolder): void {
  const [columns = []] = rowsIn(
    folder.path,
    `SELECT tables.name AS tbl, columns.name AS col FROM sqlite_master AS tables
       JOIN pragma_table_info(tables.name) AS columns
     WHERE tables.type = 'table' AND tables.name LIKE 'dogear!_%' ESCAPE '!'
       AND columns.name LIKE '%!_at' ESCAPE '!'`,
  )
  const older = columns.map(
    ({ tbl, col }) =>
      `UPDATE ${String(tbl)} SET ${String(col)} =
         strftime('%Y-%m-%dT%H:%M:%fZ', ${String(col)}, '-${HOURS_AGO} hours')
       WHERE ${String(col)} IS NOT NULL`,
  )
  executeIn(folder.path, older.join(';'))
}
