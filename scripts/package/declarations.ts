import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Face, faces, ROOT } from './faces.ts'

/** A face, with the file that declares it. Those that it imports are beside it. */
export interface DeclaredFace extends Face {
  declaration: string
}

/** Has the compiler declare all faces, file by file, and lends the result until `work` is done. */
export async function withDeclarations<T>(
  work: (declared: readonly DeclaredFace[], folder: string) => Promise<T> | T,
): Promise<T> {
  // Within the repository: where its packages are found, and its types.
  const folder = mkdtempSync(join(ROOT, 'node_modules/.dogear-types-'))
  try {
    declare(folder)
    return await work(
      faces.map((face) => ({
        ...face,
        declaration: join(folder, relative(ROOT, face.source).replace(/\.ts$/, '.d.ts')),
      })),
      folder,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

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
