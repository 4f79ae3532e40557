import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import { TestingError } from '../../testing/errors.ts'
import { type DevStart, devStart } from './dev-address.ts'
import { CliError, errorLine } from '../errors.ts'
import { ringCron } from './local-cron.ts'
import { descendants, gone, onNpmGone, signal } from './processes.ts'
import { applyMigrations } from './local-migrations.ts'
import { DEV_ENV, PROJECT, varFlags, WRANGLER } from './wrangler.ts'
import { complain } from '../output.ts'

/**
 * `npm run dev`: D1 migrations, then `wrangler dev` with whatever flags were given. With `--simulate` the Worker's
 * bindings are as far away as in production.
 */
const { persistTo, config, ip, port, flags, vars } = start()

type Wrangler = typeof import('wrangler')

function start(): DevStart {
  try {
    return devStart(process.argv.slice(2), (path) => {
      // Loaded here: nothing else of the command needs all of wrangler.
      const { unstable_readConfig: read } = createRequire(import.meta.url)('wrangler') as Wrangler
      return read({ config: path ?? join(PROJECT, 'wrangler.toml') }, { hideWarnings: true }).dev
    })
  } catch (error) {
    if (!(error instanceof TestingError)) throw error
    complain(errorLine(error.code, error.message))
    process.exit(2)
  }
}

let child: ChildProcess | undefined
/** All that wrangler had started when it was last seen alive. */
let family: number[] = []
function end(name: NodeJS.Signals): void {
  if (child?.pid === undefined) process.exit(128 + constants.signals[name])
  if (child.exitCode !== null) return
  family = descendants(child.pid)
  child.kill('SIGTERM')
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end)
onNpmGone(() => end('SIGTERM'))

try {
  await applyMigrations({
    ...(persistTo !== undefined && { persistTo }),
    ...(config !== undefined && { config }),
  })
} catch (error) {
  if (!(error instanceof CliError)) throw error
  complain(errorLine(error.code, error.message))
  process.exit(1)
}

// In this process group and with this terminal: wrangler's hot keys work, and Ctrl-C reaches it too.
child = spawn(process.execPath, [WRANGLER, 'dev', '--ip', ip, ...varFlags(vars), ...flags], {
  cwd: PROJECT,
  env: DEV_ENV,
  stdio: 'inherit',
})
ringCron(`http://${ip.includes(':') ? '[::1]' : '127.0.0.1'}:${port}`)
const [code] = (await once(child, 'exit')) as [number | null]
if (!(await gone(family, 3_000))) signal(family, 'SIGKILL')
process.exit(code ?? 0)
