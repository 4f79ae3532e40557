import { join } from 'node:path'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'
import { copiedConfig } from './copied-config.ts'

/** The project's own configuration, with `test/e2e/worker.ts` for the Worker. */
export function witnessedConfig(folder: string): Promise<string> {
  return copiedConfig(folder, join(PROJECT, 'test/e2e/worker.ts'))
}
