import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mutated } from './mutate.ts'
import { PROTOCOL_TESTS, type Mutation } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'

/**
 * Takes the guards of the protocol away, one at a time, in a copy of the repository, and runs the tests
 * that are to notice: `npm run mutate`. Exits with 1 when one that is no spare guard is not missed.
 *
 *   npm run mutate                       all of them: about half a minute each
 *   npm run mutate -- --only M25,M33
 */
const { values } = parseArgs({ options: { only: { type: 'string' } } })

/** Tests that hang have noticed, too. */
const TIMEOUT_MS = 240_000

/** The first test that has failed, and its error; those that failed by the same one stand between. */
const FAILED = /FAIL\s+(.*)\n(?:\s*FAIL.*\n)*(.*)/

const root = new URL('../..', import.meta.url).pathname

function chosen(): readonly Mutation[] {
  if (values.only === undefined) return MUTATIONS
  const ids = values.only.split(',')
  const unknown = ids.filter((id) => !MUTATIONS.some((mutation) => mutation.id === id))
  if (unknown.length > 0) throw new Error(`There is no mutation ${unknown.join(', ')}`)
  return MUTATIONS.filter(({ id }) => ids.includes(id))
}

/** What is under version control, as it is now; with the packages of this one. */
function copyOfTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'dogear-mutate-'))
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root })
  for (const file of files.toString().split('\0').filter(Boolean)) {
    cpSync(join(root, file), join(copy, file))
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true })
  cpSync(join(root, 'src/page/files.js'), join(copy, 'src/page/files.js'))
  return copy
}

/** The first test that fails without the guard, and why: a timeout may be the machine's. Undefined when none does. */
function noticedBy(mutation: Mutation, copy: string): string | undefined {
  const file = join(copy, mutation.file)
  writeFileSync(file, mutated(mutation, root))
  try {
    const tests = (mutation.tests ?? PROTOCOL_TESTS).map((test) => `test/${test}`)
    const { status, stdout, stderr } = spawnSync(
      'npx',
      ['vitest', 'run', '--bail', '1', ...tests],
      { cwd: copy, timeout: TIMEOUT_MS, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    )
    if (status === 0) return undefined
    if (status === null) return 'hangs'
    const output = stdout + stderr
    const [, failed, why] = FAILED.exec(output) ?? []
    if (failed !== undefined) return `${failed} (${why})`
    // A bail while another file starts takes vitest down, and the name of the test with it.
    if (output.includes('cancelCurrentRun')) return 'a test'
    throw new Error(`${mutation.id}: no test has failed, and yet:\n${output}`)
  } finally {
    cpSync(join(root, mutation.file), file)
  }
}

const copy = copyOfTree()
const unnoticed: Mutation[] = []
try {
  for (const mutation of chosen()) {
    const { id, what, spare } = mutation
    const test = noticedBy(mutation, copy)
    if (test === undefined && spare === undefined) unnoticed.push(mutation)
    const missed = spare === undefined ? 'NOT NOTICED' : `spare: ${spare}`
    const though = spare === undefined ? '' : ', though it is spare'
    const verdict = test === undefined ? missed : `noticed by ${test}${though}`
    process.stdout.write(`${id.padEnd(17)} ${what}: ${verdict}\n`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`${unnoticed.length} guards can be taken away unnoticed\n`)
process.exitCode = unnoticed.length > 0 ? 1 : 0
