import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'
import { bundledWorker } from './bundled-worker.ts'
import { copiedConfig } from './copied-config.ts'
import type { FreshWorker } from './fresh-worker.ts'
import { eventually } from './wait.ts'

/** Each commit takes at least this long, on a machine however fast. */
const COMMIT_MS = 10

/**
 * A configuration whose Worker is a file of the folder's own: the Worker as it is, but slower, and a number, which
 * `deploy` changes.
 */
export async function deployedConfig(folder: string): Promise<string> {
  return copiedConfig(folder, await writeDeployment(folder, 1))
}

/** The same Worker, for `SERVE`: of one that is never deployed again. */
export async function slowConfig(folder: string): Promise<string> {
  return bundledWorker(folder, await writeDeployment(folder, 1))
}

/** Changes the Worker's code, as a deploy does, and waits until the new code answers. */
export async function deploy({ folder, url }: FreshWorker, number: number): Promise<void> {
  await writeDeployment(folder, number)
  await eventually(`deployment ${number}`, 30_000, async () => {
    const answer = await fetch(`${url}/api/deployment`).then(
      (response) => response.text(),
      () => '',
    )
    return answer === String(number)
  })
}

async function writeDeployment(folder: string, number: number): Promise<string> {
  const main = join(folder, 'deployed.ts')
  const at = (path: string) => JSON.stringify(join(PROJECT, path))
  await writeFile(
    main,
    `import worker from ${at('src/index.ts')}
     import { distantDatabase } from ${at('test/e2e/support/distant-database.ts')}
     export * from ${at('src/index.ts')}
     export default {
       ...worker,
       fetch: (request, env, context) =>
         new URL(request.url).pathname === '/api/deployment'
           ? new Response('${number}')
           : worker.fetch(request, env, context),
       queue: (batch, env, context) =>
         worker.queue(batch, { ...env, DB: distantDatabase(env.DB, ${COMMIT_MS}) }, context),
     }`,
  )
  return main
}
