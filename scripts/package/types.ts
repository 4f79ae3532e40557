import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { faces, ROOT } from './faces.ts'
import { isPackage } from './modules.ts'

/** Writes the types of all faces below `lib/`, with what they name and nothing else. */
export async function writeTypes(folder: string): Promise<void> {
  // Within the repository: where its packages are found, and its types.
  const work = mkdtempSync(join(ROOT, 'node_modules/.dogear-types-'))
  try {
    declare(work)
    const input = faces.map(({ file, source }): [string, string] => [
      `lib/${file}`,
      join(work, relative(ROOT, source).replace(/\.ts$/, '.d.ts')),
    ])
    const bundle = await rolldown({
      input: Object.fromEntries(input),
      external: isPackage,
      // They are declarations already: no compiler is asked.
      plugins: [dts({ dtsOnly: true, tsconfig: false, generator: 'oxc' })],
      logLevel: 'warn',
    })
    await bundle.write({
      dir: folder,
      format: 'es',
      entryFileNames: '[name].js',
      chunkFileNames: 'lib/shared/[name]-[hash].js',
    })
    await bundle.close()
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** The compiler's own declarations of all faces, file by file. */
function declare(folder: string): void {
  const config = join(folder, 'tsconfig.json')
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: ROOT,
        outDir: folder,
      },
      files: [join(ROOT, 'worker-configuration.d.ts'), ...faces.map(({ source }) => source)],
      include: [],
      exclude: [],
    }),
  )
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', config], { cwd: ROOT, stdio: 'inherit' })
}
