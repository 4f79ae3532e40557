import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ShopClient } from '../../../src/shop/client.ts'
import {
  type LocalWorker,
  type LocalWorkerOptions,
  startLocalWorker,
} from '../../../src/cli/local/local-worker.ts'
import { bundledShop, SERVE } from './bundled-worker.ts'
import { copyMigratedState } from './migrated-state.ts'

/** A local Worker with state of its own. */
export interface FreshWorker extends LocalWorker {
  readonly client: ShopClient
  /** A folder for the test's own files; it goes with the Worker. */
  readonly folder: string
  /** Stops it and removes what it has stored. */
  remove(): Promise<void>
}

/**
 * Starts a Worker with empty state: the repository's own by `SERVE`, or by `wrangler dev` one for which `configure`
 * writes a configuration into its folder.
 */
export async function startFreshWorker(
  options: Omit<LocalWorkerOptions, 'persistTo'> = {},
  configure?: (folder: string) => Promise<string>,
): Promise<FreshWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'dogear-e2e-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const by = configure
      ? { config: await configure(folder) }
      : { config: await bundledShop(), script: SERVE }
    const persistTo = join(folder, 'state')
    await copyMigratedState(persistTo)
    const worker = await startLocalWorker({
      persistTo,
      migrate: false,
      logLevel: 'warn',
      ...by,
      ...options,
    })
    return {
      ...worker,
      folder,
      client: new ShopClient(worker.url),
      async remove() {
        try {
          await worker.stop()
        } finally {
          await removeFolder()
        }
      },
    }
  } catch (error) {
    await removeFolder()
    throw error
  }
}
