import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import type { Served } from './bundled-worker.ts'

/**
 * Serves a Worker that `bundledWorker` has bundled, as `wrangler dev` would with these flags: the same
 * runtime, bindings and state, without what wrangler does for a person who changes the code.
 */
const { values } = parseArgs({
  strict: false,
  options: {
    ip: { type: 'string' },
    port: { type: 'string' },
    config: { type: 'string' },
    'persist-to': { type: 'string' },
    var: { type: 'string', multiple: true },
  },
})
const given = values as Record<'ip' | 'port' | 'config' | 'persist-to', string> & { var: string[] }

const folder = dirname(given.config)
const served = JSON.parse(readFileSync(join(folder, 'served.json'), 'utf8')) as Served
const { workerOptions } = served
const script = join(folder, served.script)
const vars = given.var.map((flag) => {
  const colon = flag.indexOf(':')
  return [flag.slice(0, colon), flag.slice(colon + 1)]
})

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: given.ip,
    port: Number(given.port),
    cf: false,
    log: new Log(LogLevel.WARN),
    logRequests: false,
    resourcePersistencePath: join(given['persist-to'], 'v3'),
    unsafeTriggerHandlers: true,
    unsafeLocalExplorer: false,
    unsafeObservability: false,
    workers: [
      {
        ...workerOptions,
        // Its objects' state is stored by this name.
        name: 'dogear',
        modulesRoot: dirname(script),
        modules: [{ type: 'ESModule', path: script, contents: readFileSync(script, 'utf8') }],
        bindings: Object.assign({}, workerOptions.bindings, Object.fromEntries(vars)),
      },
    ],
  }),
)
process.once('SIGTERM', () => {
  void miniflare.dispose().finally(() => process.exit(0))
})
await miniflare.ready
