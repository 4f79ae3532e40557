import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { CliError, errorLine } from './errors.ts'
import { ringCron } from './local-cron.ts'
import { descendants, gone, onNpmGone, signal } from './processes.ts'
import { applyMigrations, DEV_ENV, LOCAL_VARS, PROJECT, varFlags, WRANGLER } from './wrangler.ts'
import { complain } from './output.ts'

/** `npm run dev`: D1 migrations, then `wrangler dev` with whatever flags were given. */
const flags = process.argv.slice(2)
const { values } = parseArgs({
  args: flags,
  strict: false,
  options: {
    'persist-to': { type: 'string' },
    config: { type: 'string', short: 'c' },
    port: { type: 'string' },
    ip: { type: 'string' },
  },
})
const { 'persist-to': persistTo, config, port, ip = '127.0.0.1' } = values

/** Where `wrangler dev` listens unless it is told otherwise. */
const WRANGLER_PORT = 8787
/** Whoever can reach other addresses can say that it asks at a loopback name. */
const { DEV_ACCESS: _everybody, ...others } = LOCAL_VARS
const vars = ip === '127.0.0.1' || ip === '::1' || ip === 'localhost' ? LOCAL_VARS : others

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
    ...(typeof persistTo === 'string' && { persistTo }),
    ...(typeof config === 'string' && { config }),
  })
} catch (error) {
  if (!(error instanceof CliError)) throw error
  complain(errorLine(error.code, error.message))
  process.exit(1)
}

// In this process group and with this terminal: wrangler's hot keys work, and Ctrl-C reaches it too.
child = spawn(process.execPath, [WRANGLER, 'dev', ...varFlags(vars), ...flags], {
  cwd: PROJECT,
  env: DEV_ENV,
  stdio: 'inherit',
})
ringCron(`http://127.0.0.1:${typeof port === 'string' ? port : WRANGLER_PORT}`)
const [code] = (await once(child, 'exit')) as [number | null]
if (!(await gone(family, 3_000))) signal(family, 'SIGKILL')
process.exit(code ?? 0)
