import { DEFAULT_NAMES, type WiringNames } from './wiring.ts'
import { TICK } from './worker-config.ts'

/** What the written files import; apart from them, since they are no imports of this one. */
const FROM = { authors: `'dogear'`, worker: `'dogear/worker'`, kit: `'dogear/testing'` }

/** The file that `dogear init` begins with: a job that works in any Worker, and the call of `createDogear`. */
export function jobsFile(names: WiringNames): string {
  return `import { defineIteration } from ${FROM.authors}
import { createDogear } from ${FROM.worker}

/**
 * Counts to 1,000. Stop the Worker in the middle and start it again: the run goes on where its last commit was.
 * A job of your own: npx dogear new my-job --iteration
 */
export const hello = defineIteration({
  name: 'hello',
  unit: 'number',
  commit: { everyItems: 50 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(1_000, { cursor }),
  async eachIteration() {
    await scheduler.wait(5)
  },
})

export const jobs = createDogear({${optionsText(names)}})
`
}

const DEFAULTS = { ...DEFAULT_NAMES, cron: TICK }

function optionsText({
  db,
  runs,
  queue = DEFAULTS.queue,
  version,
  cron = DEFAULTS.cron,
}: WiringNames): string {
  const names = { db, runs, queue, version, cron }
  const options = Object.entries(names)
    .filter(([key, name]) => name !== DEFAULTS[key as keyof typeof names])
    .map(([key, name]) => `${key}: '${name}'`)
  const members = ['jobs: [hello]', ...options]
  const line = ` ${members.join(', ')} `
  return line.length <= 60 ? line : `\n${members.map((member) => `  ${member},\n`).join('')}`
}

/** The entry of a Worker that has nothing but jobs. */
export function entryFile(): string {
  return `import { jobs } from './jobs'

export const { JobRun } = jobs

export default jobs.wrap({
  fetch: () => new Response('The jobs are at /dogear.\\n'),
})
`
}

/** A job that walks rows, for `dogear new --iteration`. */
export function iterationFile(name: string, constant: string): string {
  return `import { defineIteration } from ${FROM.authors}

export const ${constant} = defineIteration({
  name: '${name}',
  unit: 'number',
  // Rows of a table: enumerators.records(env.DB, { sql: 'SELECT id FROM invoices' }, { cursor })
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(10, { cursor }),
  async eachIteration(number, { idempotencyKey }) {
    // What you write to D1 by effects happens exactly once. A call may be sent again: with the same key.
    console.log(number, idempotencyKey)
  },
})
`
}

/** A job in steps, for `dogear new --steps`. */
export function stepsFile(name: string, constant: string): string {
  return `import { defineJob } from ${FROM.authors}

export const ${constant} = defineJob({
  name: '${name}',
  unit: 'number',
  async perform({ step, enumerators, expectTotal }) {
    // A step is done once per run; what it gives back is kept.
    const count = await step('count', async () => 10)
    expectTotal(count)
    await step('work', (step) =>
      // Rows of a table: enumerators.records(env.DB, { sql: 'SELECT id FROM invoices' }, { cursor })
      step.iterate(
        ({ cursor }) => enumerators.times(count, { cursor }),
        (number) => {
          // What you write to D1 by effects happens exactly once.
          console.log(number)
        },
      ),
    )
    return { worked: count }
  },
})
`
}

/** The test that goes with a new job: `jobs` and `job` say how it imports the files, `db` is the D1 binding. */
export function testFile(
  constant: string,
  from: { jobs: string; job: string },
  db: string,
): string {
  return `import { env } from 'cloudflare:workers'
import { applyDogear, iterateExactly, testBench } from ${FROM.kit}
import { beforeAll, expect, it } from 'vitest'
import { jobs } from '${from.jobs}'
import { ${constant} } from '${from.job}'

const bench = testBench({ env: jobs.bind(env) })

beforeAll(() => applyDogear(env.${db}))

it('does all of it', async () => {
  const run = await bench.runInline(${constant})
  expect(run).toMatchObject({ status: 'completed', progress: { done: 10 } })
})

it('goes on where it was interrupted', async () => {
  const run = await bench.start(${constant})
  await iterateExactly(run, 4, bench)
  expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 10 } })
})
`
}
