import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT } from 'dogear/cli/local'

/** Lines that the author of one of the shop's jobs had to write. */
export async function authorLinesOf(job: string): Promise<number> {
  return authorLines(await readFile(join(PROJECT, 'src/shop/jobs', `${job}.ts`), 'utf8'))
}

/** The lines of a source file that are neither blank nor comment nor part of an import. */
export function authorLines(source: string): number {
  return source
    .replaceAll(/^import\b[^'"]*?(?:from\s*)?(['"]).*?\1;?$/gm, '')
    .replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length
}
