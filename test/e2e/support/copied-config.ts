import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'

/**
 * Writes the project's own configuration into a folder, with another Worker in it; its path. `bundled`: the
 * Worker is what wrangler has made of its sources.
 */
export async function copiedConfig(
  folder: string,
  main: string,
  { bundled = false } = {},
): Promise<string> {
  const original = await readFile(join(PROJECT, 'wrangler.toml'), 'utf8')
  const changed = original
    .replace(/^main = .*$/m, `main = ${JSON.stringify(main)}\nno_bundle = ${bundled}`)
    // The tests' own routes are the Worker's, too.
    .replace(/^run_worker_first = \[/m, 'run_worker_first = ["/e2e/*", ')
    .replace(/^directory = .*$/m, `directory = ${JSON.stringify(join(PROJECT, 'dist/page'))}`)
    .replace(
      /^migrations_dir = .*$/m,
      `migrations_dir = ${JSON.stringify(join(PROJECT, 'migrations'))}`,
    )
  const config = join(folder, 'wrangler.toml')
  await writeFile(config, changed)
  return config
}
