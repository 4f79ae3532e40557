import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import { type DogearCall, findDogear } from './dogear-call.ts'
import { hostEsbuild } from './host-tools.ts'

/** What the Worker's code says of Dogear, found without running any of it. */
export interface Code {
  /** What the entry exports. */
  exports: readonly string[]
  /** Its call of `createDogear`, if it has one. */
  dogear: DogearCall | undefined
}

/** Assets that a Worker's code may import; what is in them does not matter here. */
const ASSETS = ['.sql', '.txt', '.html', '.css', '.svg', '.png', '.bin', '.wasm', '.md', '.csv']

const BUILD: BuildOptions = {
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'neutral',
  target: 'esnext',
  // Only the host's own files; of its packages the names.
  packages: 'external',
  loader: Object.fromEntries(ASSETS.map((extension) => [extension, 'empty'])),
  logLevel: 'silent',
}

/**
 * Reads the entry, and what it imports of the host's own, as wrangler bundles it. A text instead says why
 * that cannot be done.
 */
export async function readCode(folder: string, main: string): Promise<Code | string> {
  const esbuild = await hostEsbuild(folder)
  if (esbuild === undefined) return 'wrangler is not installed here'
  try {
    const { outputFiles, metafile } = await esbuild.build({
      ...BUILD,
      entryPoints: [join(folder, main)],
      absWorkingDir: folder,
    })
    const exported = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.exports)
    return { exports: exported, dogear: findDogear(outputFiles?.[0]?.text ?? '') }
  } catch (error) {
    return `${main} does not build: ${firstLine(error)}`
  }
}

function firstLine(error: unknown): string {
  const { message, errors } = error as { message: string; errors?: { text: string }[] }
  return errors?.[0]?.text ?? message.split('\n')[0] ?? ''
}
