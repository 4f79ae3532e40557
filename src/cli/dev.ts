import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { CliError, errorLine } from './errors.ts'
import { descendants, gone, signal } from './processes.ts'
import { applyMigrations, LOCAL_ENV, LOCAL_VARS, PROJECT, varFlags, WRANGLER } from './wrangler.ts'

/** `npm run dev`: D1 migrations, then `wrangler dev` with whatever flags were given. */
const flags = process.argv.slice(2)
const { values } = parseArgs({
  args: flags,
  strict: false,
  options: { 'persist-to': { type: 'string' }, config: { type: 'string', short: 'c' } },
})
const { 'persist-to': persistTo, config } = values

try {
  await applyMigrations({
    ...(typeof persistTo === 'string' && { persistTo }),
    ...(typeof config === 'string' && { config }),
  })
} catch (error) {
  if (!(error instanceof CliError)) throw error
  console.error(errorLine(error.code, error.message))
  process.exit(1)
}

const child = spawn(process.execPath, [WRANGLER, 'dev', ...varFlags(LOCAL_VARS), ...flags], {
  cwd: PROJECT,
  env: LOCAL_ENV,
  stdio: 'inherit',
})

/** All that wrangler had started when it was last seen alive. */
let family: number[] = []
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (child.pid === undefined || child.exitCode !== null) return
    family = descendants(child.pid)
    child.kill('SIGTERM')
  })
}

child.on('exit', (code) => {
  void (async () => {
    if (!(await gone(family, 3_000))) signal(family, 'SIGKILL')
    process.exit(code ?? 0)
  })()
})
