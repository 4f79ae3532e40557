import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as Esbuild from 'esbuild'

/** A tool that the host's project has, as its own code would find it; undefined when it has none. */
function resolveIn(folder: string, specifier: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(specifier)
  } catch {
    return undefined
  }
}

/** Whether the host's project has Dogear among its packages: `npx` brings one of its own. */
export function hasDogear(folder: string): boolean {
  return resolveIn(folder, 'dogear') !== undefined
}

/** The folder of the wrangler that the host's project has. */
export function wranglerFolder(folder: string): string | undefined {
  const manifest = resolveIn(folder, 'wrangler/package.json')
  return manifest === undefined ? undefined : dirname(manifest)
}

/** The bundler that the host's wrangler builds its Worker with. */
export async function hostEsbuild(folder: string): Promise<typeof Esbuild | undefined> {
  const wrangler = wranglerFolder(folder)
  const path = wrangler === undefined ? undefined : resolveIn(wrangler, 'esbuild')
  if (path === undefined) return undefined
  const found = (await import(path)) as { default: typeof Esbuild }
  return found.default
}
