import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ShopClient } from '../../../src/shop/client.ts'
import {
  type LocalWorker,
  type LocalWorkerOptions,
  startLocalWorker,
} from '../../../src/cli/local/local-worker.ts'
import { copyMigratedState } from './migrated-state.ts'

/** A real `wrangler dev` with state of its own. */
export interface FreshWorker extends LocalWorker {
  readonly client: ShopClient
  /** A folder for the test's own files; it goes with the Worker. */
  readonly folder: string
  /** Stops it and removes what it has stored. */
  remove(): Promise<void>
}

/** Starts a Worker with empty state; `configure` may write a configuration into its folder. */
export async function startFreshWorker(
  options: Omit<LocalWorkerOptions, 'persistTo'> = {},
  configure?: (folder: string) => Promise<string>,
): Promise<FreshWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'dogear-e2e-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const config = await configure?.(folder)
    const persistTo = join(folder, 'state')
    await copyMigratedState(persistTo)
    const worker = await startLocalWorker({
      persistTo,
      migrate: false,
      logLevel: 'warn',
      ...(config !== undefined && { config }),
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
