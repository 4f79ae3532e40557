import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Bundles what this repository was at a commit: its objects, its slices, and what jobs are written with. Tests
 * then work runs with objects of that time and slices of today, and the reverse.
 *
 *   node test/older/build.ts fd94f59
 */
const [commit] = process.argv.slice(2)
if (!commit) throw new Error('Expected a commit: node test/older/build.ts <commit>')

const root = new URL('../..', import.meta.url).pathname
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

const [day = '', subject = ''] = git('log', '-1', '--format=%cs%n%s', commit).split('\n')
const tree = join(mkdtempSync(join(tmpdir(), 'dogear-older-')), 'tree')
const outfile = join(root, `test/older/landed-${day}.js`)

const ENTRY = `
export { RunHost } from './durable-objects/run-host.ts'
export { defineIteration, defineJob, setStatement } from './src/engine/index.ts'
export { Registry } from './src/engine/job/registry.ts'
export { startRun } from './src/engine/runs/start.ts'
export { runSlice } from './src/engine/slice/slice.ts'
export { StatementBudget } from './src/engine/store/d1/metered-database.ts'
export { judgeRuns } from './src/monitoring/judge.ts'
`

git('worktree', 'add', '--detach', tree, commit)
try {
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  await build({
    stdin: { contents: ENTRY, resolveDir: tree, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    minify: true,
    keepNames: true,
    // Other people's packages are the same on either side.
    external: ['cloudflare:*', 'node:*', 'zod', 'csv-parse', 'csv-parse/*'],
    banner: { js: `// ${git('rev-parse', commit)} (${subject}), by test/older/build.ts` },
  })
} finally {
  git('worktree', 'remove', '--force', tree)
  rmSync(join(tree, '..'), { recursive: true, force: true })
}
