import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The repository's folder. */
export const ROOT = join(import.meta.dirname, '../..')

/** `package.json`, as far as the package is made of it. */
export interface Manifest {
  name: string
  version: string
  exports: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  peerDependencies: Record<string, string>
  [field: string]: unknown
}

export const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest

/** Faces that only this repository has use for. */
const OWN = new Set(['./cli/local', './page'])

/** A public name: what is imported, the source that it names here, and its files' name in the package. */
export interface Face {
  /** As in `exports`: `./runs`. */
  path: string
  source: string
  /** Without an ending: `runs`, `api/schemas`. */
  file: string
}

export const faces: readonly Face[] = Object.entries(manifest.exports)
  .filter(([path]) => !OWN.has(path))
  .map(([path, source]) => ({
    path,
    source: join(ROOT, source),
    file: path === '.' ? 'index' : path.slice('./'.length),
  }))
