import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { withDeclarations } from './declarations.ts'
import { isPackage } from './modules.ts'

/** Writes the types of all faces below `lib/`, with what they name and nothing else. */
export async function writeTypes(folder: string): Promise<void> {
  await withDeclarations(async (declared, cwd) => {
    const bundle = await rolldown({
      // Its name, which is another each time, stands in no file.
      cwd,
      input: Object.fromEntries(
        declared.map(({ file, declaration }) => [`lib/${file}`, declaration]),
      ),
      external: isPackage,
      // They are declarations already: no compiler is asked.
      plugins: [dts({ dtsInput: true, tsconfig: false, oxc: true })],
      logLevel: 'warn',
    })
    await bundle.write({
      dir: folder,
      format: 'es',
      entryFileNames: '[name].js',
      chunkFileNames: 'lib/shared/[name]-[hash].js',
    })
    await bundle.close()
  })
}
