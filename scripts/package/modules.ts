import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { faces, ROOT } from './faces.ts'

/** True for the name of another package, or of what a runtime brings: anything that is no path. */
export const isPackage = (id: string): boolean => /^[^./\0]/.test(id)

/** What runs in Node, with the packages that it is made of. All others are the host's, who may have them already. */
const isCommand = (importer = ''): boolean =>
  importer.startsWith(join(ROOT, 'src/cli/')) || importer.includes('/node_modules/')

/**
 * Writes the code of all faces below `lib/`, one module for each and beside them what several share, and the
 * command into `bin/`.
 */
export async function writeModules(folder: string): Promise<void> {
  const bundle = await rolldown({
    cwd: ROOT,
    logLevel: 'warn',
    input: {
      'bin/dogear': join(ROOT, 'src/cli/main.ts'),
      ...Object.fromEntries(faces.map(({ file, source }) => [`lib/${file}`, source])),
    },
    platform: 'node',
    // Else `require` within what is bundled would be left as it is.
    resolve: { mainFields: ['module', 'main'] },
    transform: { target: 'node20' },
    external: (id, importer) => isPackage(id) && (id.startsWith('node:') || !isCommand(importer)),
  })
  try {
    await bundle.write({
      dir: folder,
      format: 'es',
      entryFileNames: '[name].js',
      chunkFileNames: 'lib/shared/[name]-[hash].js',
      minify: true,
      comments: false,
      banner: ({ name }) => (name.startsWith('bin/') ? '#!/usr/bin/env node' : ''),
    })
  } finally {
    await bundle.close()
  }
}
