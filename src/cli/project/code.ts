import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import { type DogearCall, findDogear } from './dogear-call.ts'
import { type HostTicks, hostTicks } from './host-ticks.ts'
import { hostEsbuild } from './host-tools.ts'
import { Tokens } from './tokens.ts'

/** What the Worker's code says of Dogear, found without running any of it. */
export interface Code {
  /** What the entry exports. */
  exports: readonly string[]
  /** Its call of `createDogear`, if it has one. */
  dogear: DogearCall | undefined
  ticks: HostTicks
  /** The host's own files in it, from the Worker's folder. */
  files: readonly string[]
}

/** Code that could not be looked at. */
export interface Unread {
  /** Why, in a sentence's end. */
  why: string
  todo: string
}

export const isRead = (code: Code | Unread): code is Code => 'exports' in code

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

/** Reads the entry, and what it imports of the host's own, as wrangler bundles it. */
export async function readCode(folder: string, main: string): Promise<Code | Unread> {
  if (!existsSync(join(folder, main))) {
    return { why: `${main} is not there`, todo: 'build it, or correct main in the configuration' }
  }
  const esbuild = await hostEsbuild(folder)
  if (esbuild === undefined) {
    return { why: 'wrangler is not installed here', todo: 'npm i -D wrangler' }
  }
  try {
    const { outputFiles, metafile } = await esbuild.build({
      ...BUILD,
      entryPoints: [join(folder, main)],
      absWorkingDir: folder,
    })
    const exported = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.exports)
    const text = outputFiles?.[0]?.text ?? ''
    return {
      exports: exported,
      dogear: findDogear(text),
      ticks: hostTicks(new Tokens(text)),
      files: Object.keys(metafile?.inputs ?? {}),
    }
  } catch (error) {
    return {
      why: `${main} does not build: ${firstLine(error)}`,
      todo: 'npx wrangler dev says where',
    }
  }
}

function firstLine(error: unknown): string {
  const { message, errors } = error as { message: string; errors?: { text: string }[] }
  return errors?.[0]?.text ?? message.split('\n')[0] ?? ''
}
