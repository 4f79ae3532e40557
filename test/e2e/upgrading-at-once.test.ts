import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { VERSIONS } from '../../src/schema/versions.ts'

/** A Worker of its own, so an isolate of its own, over the database that they share. */
const workerOf = (name: string, script: string, later: number) => ({
  name,
  modules: true,
  script,
  compatibilityDate: '2026-11-01',
  bindings: { LATER: later },
  d1Databases: { DB: 'shared' },
})

it('Workers of two releases that upgrade one database at once apply each version once, and none fails', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'support/schema-worker.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
  })
  const script = outputFiles[0]?.text ?? ''
  const releases = { before: 0, before2: 0, newer: 2, newer2: 2 }
  const workers = new Miniflare(
    convertV4MiniflareOptions({
      workers: Object.entries(releases).map(([name, later]) => workerOf(name, script, later)),
    }),
  )
  onTestFinished(() => workers.dispose())

  const fetchers = await Promise.all(Object.keys(releases).map((name) => workers.getWorker(name)))
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => fetchers)
      .flat()
      .map((worker) => worker.fetch('http://localhost/')),
  )
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(
    Array.from({ length: 40 }, () => 'ready'),
  )
  const db = await workers.getD1Database('DB', 'before')
  const { results } = await db.prepare('SELECT version FROM dogear_schema ORDER BY version').all()
  expect(results.map(({ version }) => version)).toEqual(
    Array.from({ length: VERSIONS.length + 2 }, (_, index) => index + 1),
  )
})
