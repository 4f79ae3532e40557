import { join } from 'node:path'
import { PROJECT, wranglerSays } from '../../../src/cli/local/wrangler.ts'
import { copiedConfig } from './copied-config.ts'

/**
 * The project's own configuration, with `test/e2e/worker.ts` for the Worker; bundled once, since each of
 * many restarts would bundle the same.
 */
export async function witnessedConfig(folder: string): Promise<string> {
  const bundle = join(folder, 'bundle')
  const source = await copiedConfig(folder, join(PROJECT, 'test/e2e/worker.ts'))
  const { code, output } = await wranglerSays([
    'deploy',
    '--dry-run',
    '--outdir',
    bundle,
    '--config',
    source,
  ])
  if (code !== 0) throw new Error(`The Worker was not bundled: ${output}`)
  return copiedConfig(folder, join(bundle, 'worker.js'), { bundled: true })
}
