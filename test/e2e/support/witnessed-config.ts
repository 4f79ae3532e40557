import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT } from '../../../src/cli/wrangler.ts'

/** The project's own configuration, with `test/e2e/worker.ts` for the Worker. */
export async function witnessedConfig(folder: string): Promise<string> {
  const original = await readFile(join(PROJECT, 'wrangler.toml'), 'utf8')
  const changed = original
    .replace(/^main = .*$/m, `main = ${JSON.stringify(join(PROJECT, 'test/e2e/worker.ts'))}`)
    .replace(/^directory = .*$/m, `directory = ${JSON.stringify(join(PROJECT, 'dist/page'))}`)
    .replace(
      /^migrations_dir = .*$/m,
      `migrations_dir = ${JSON.stringify(join(PROJECT, 'migrations'))}`,
    )
  const config = join(folder, 'wrangler.toml')
  await writeFile(config, changed)
  return config
}
