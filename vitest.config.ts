import { join } from 'node:path'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { withoutBrowser } from './test/e2e/support/chromium.ts'
import { closingLine } from './test/support/closing-line.ts'
import { configWithoutPage } from './test/support/config-without-page.ts'
import { LongestFirst } from './test/support/longest-first.ts'
import { keepFilesInMemory } from './test/support/memory-files.ts'
import { migratedSchema } from './test/support/migrated-schema.ts'
import { openRunnerDoor, runnerDoor } from './test/support/runner-door.ts'
import { WarmModules } from './test/support/warm-modules-server.ts'

const warm = new WarmModules([
  '/test/support/worker.ts',
  '/test/support/setup.ts',
  '/test/support/run-of.ts',
  '/src/testing/index.ts',
])

keepFilesInMemory()
// Miniflare gives each runtime that it starts all of these, one by one, and reads them when it is loaded: so
// it is loaded after this. No test speaks TLS but those that install packages, which take it from here.
if (process.env.NODE_EXTRA_CA_CERTS) process.env.INSTALL_CA_CERTS = process.env.NODE_EXTRA_CA_CERTS
delete process.env.NODE_EXTRA_CA_CERTS
const { cloudflareTest, readD1Migrations } = await import('@cloudflare/vitest-plugin')
openRunnerDoor(await import('miniflare'))
const migrations = await readD1Migrations('./migrations')

/** What starts processes, or reads the repository's files. */
const IN_NODE = [
  'test/{cli,docs,e2e,examples,model,mutate,package,types}/**/*.test.ts',
  'test/shop/cli/*.test.ts',
  'test/api/openapi.test.ts',
  'test/house.test.ts',
]

/**
 * What needs neither a runtime of Cloudflare's nor a process: a file of these takes no start of its own, and shares its
 * modules with others, so it replaces none (`vi.mock`).
 */
const PLAIN = [
  'test/api/openapi.test.ts',
  'test/cli/{alerts,cli,control,dev,display,events,exceeded,help,histogram,overview,paging,tables}.test.ts',
  'test/dashboard/*.test.ts',
  'test/docs/{commands,conformance,docs,docs-names,glossary,sample-jobs}.test.ts',
  'test/client/event-stream.test.ts',
  'test/engine/{cursor,cut-text,labels,log,redactor,retry-after,sensitive,throttled,thrown}.test.ts',
  'test/engine/drive/{asked,driving,slice-size,trouble}.test.ts',
  'test/engine/enumerators/{chain,enumerators,nested,page-size,pages,throttle}.test.ts',
  'test/engine/job/job-settings.test.ts',
  'test/engine/pass/{attributes-object,effects,pacing,pending-effects-order,touched-tables}.test.ts',
  'test/engine/slice/{heartbeats,untold-events}.test.ts',
  'test/engine/steps/{continuation,stop-point}.test.ts',
  'test/engine/store/refused-statement.test.ts',
  'test/house.test.ts',
  'test/monitoring/{alert-rules,histogram}.test.ts',
  'test/mutate/mutations.test.ts',
  'test/page/*.test.ts',
  'test/schedules/compared.test.ts',
  'test/shop/cli/comparison.test.ts',
  'test/shop/order-processor.test.ts',
  'test/webhooks/endpoints.test.ts',
]

/** `npm run test:long` tries that many times as much. */
const times = Number(process.env.TEST_TIMES ?? 1)

/** What is to hold without a queue, too. The tests of queues, and of a hostile network, need some; random schedules are for a night. */
const BY_ALARM = ['test/conformance/*.test.ts', 'test/testing/simulator/sample-jobs.test.ts']
const NOT_BY_ALARM = [
  'test/conformance/{queues,hostile-*}.test.ts',
  ...(times > 1 ? [] : ['test/conformance/property-*.test.ts']),
]

/**
 * Three kinds of tests. `workerd`: in the real runtime with real D1, Durable Objects and R2; the queue's
 * messages are dropped there, so that each test delivers those it wants. `alarm`: some of them in a Worker without a queue. `plain`: of code that runs anywhere. `node`: the others.
 */
export default defineConfig({
  test: {
    reporters: ['default', closingLine],
    sequence: { sequencer: LongestFirst },
    projects: [
      inWorkerd({ name: 'workerd', include: ['test/**/*.test.ts'] }),
      // The same, in a Worker without a queue: objects work their slices themselves.
      inWorkerd({ name: 'alarm', include: BY_ALARM, exclude: NOT_BY_ALARM, queue: false }),
      {
        // They leave nothing behind, so that one thread can run several.
        test: { name: 'plain', include: PLAIN, pool: 'threads', isolate: false, maxWorkers: 2 },
      },
      {
        test: {
          name: 'node',
          // The command starts a hundred times.
          env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/dogear') },
          include: IN_NODE,
          exclude: [...PLAIN, ...withoutBrowser()],
          testTimeout: 300_000 * times,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
          // Each file runs its own Worker, and waits most of the time. After the others: beside those that
          // keep both cores busy, a kill or a click comes too late.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})

/** Tests in the real runtime, on real bindings. */
function inWorkerd({
  name,
  include,
  exclude = [],
  queue = true,
}: {
  name: string
  include: string[]
  exclude?: string[]
  queue?: boolean
}): TestProjectInlineConfiguration {
  return {
    plugins: [
      warm.plugin,
      cloudflareTest({
        main: './test/support/worker.ts',
        wrangler: { configPath: configWithoutPage({ queue }) },
        miniflare: {
          workers: [runnerDoor(name)],
          serviceBindings: { WARM_MODULES: warm.answer },
          durableObjects: {
            RUNS_OF_ANY_CODE: { className: 'RunOfAnyCode', useSQLite: true },
          },
          bindings: {
            MIGRATIONS: migrations,
            SCHEMA: migratedSchema(migrations),
            // As `npm run dev` has it. Tests of access bring an environment of their own.
            DEV_ACCESS: 'loopback',
            // Replays one schedule of the hostile ones.
            HOSTILE_SEED: process.env.HOSTILE_SEED ?? '',
            TEST_TIMES: `${times}`,
          },
        },
      }),
    ],
    test: {
      name,
      // A start of the runtime takes longer than most files.
      isolate: false,
      // Late words of one file come while others run, and the last ones when nobody listens any more.
      disableConsoleIntercept: true,
      // Real databases on a shared machine: generous, and never reached when all is well.
      testTimeout: 30_000 * times,
      hookTimeout: 30_000 * times,
      include,
      exclude: [...IN_NODE, ...PLAIN, ...exclude],
      setupFiles: ['./test/support/warm-modules.ts', './test/support/setup.ts'],
      globalSetup: ['./test/support/catalog-server.ts'],
      // Bundled once: loading their thousands of modules for each file took most of the time.
      deps: {
        optimizer: {
          ssr: {
            enabled: true,
            include: [
              '@faker-js/faker',
              '@hono/zod-openapi',
              'fast-check',
              'hono',
              'hono/body-limit',
              'hono/cookie',
              'hono/http-exception',
              'hono/jwt',
              'hono/route',
              'hono/streaming',
              'standardwebhooks',
              'zod',
            ],
          },
        },
      },
      // On the two cores of a small machine vitest would take one.
      maxWorkers: 2,
    },
  }
}
