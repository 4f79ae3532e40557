import { join } from 'node:path'
import { type OutputOptions, rolldown, type RolldownOptions } from 'rolldown'
import { faces, ROOT } from './faces.ts'

/** True for the name of another package, or of what a runtime brings: anything that is no path. */
export const isPackage = (id: string): boolean => /^[^./\0]/.test(id)

const OUTPUT: OutputOptions = {
  format: 'es',
  entryFileNames: '[name].js',
  minify: true,
  comments: false,
}

/** What runs in Node, with the packages that it is made of. */
const COMMAND = 'cli'

/** Writes the code of all faces below `lib/`: one module for each, and beside them what several share. */
export async function writeModules(folder: string): Promise<void> {
  const inWorkers = faces.filter(({ file }) => file !== COMMAND)
  await write(
    {
      input: Object.fromEntries(inWorkers.map(({ file, source }) => [`lib/${file}`, source])),
      external: isPackage,
    },
    { ...OUTPUT, dir: folder, chunkFileNames: 'lib/shared/[name]-[hash].js' },
  )
  await write(
    {
      input: {
        'bin/dogear': join(ROOT, 'src/cli/main.ts'),
        [`lib/${COMMAND}`]: join(ROOT, 'src/cli/index.ts'),
      },
      platform: 'node',
      // Else `require` within what is bundled would be left as it is.
      resolve: { mainFields: ['module', 'main'] },
      transform: { target: 'node20' },
      external: /^node:/,
    },
    {
      ...OUTPUT,
      dir: folder,
      chunkFileNames: 'lib/cli/[name]-[hash].js',
      banner: ({ name }) => (name.startsWith('bin/') ? '#!/usr/bin/env node' : ''),
    },
  )
}

async function write(options: RolldownOptions, output: OutputOptions): Promise<void> {
  const bundle = await rolldown({ ...options, cwd: ROOT, logLevel: 'warn' })
  try {
    await bundle.write(output)
  } finally {
    await bundle.close()
  }
}
