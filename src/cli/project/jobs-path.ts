import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { CliError } from '../errors.ts'

/** The file that calls `createDogear`, or is to. */
export interface JobsPath {
  /** From the Worker's folder. */
  path: string
  isNew: boolean
}

/** Finds it: beside the entry under a name that the host does not use otherwise, or the entry itself. */
export function jobsPath(
  folder: string,
  main: string,
  entry: string | undefined,
  isCalled: boolean,
): JobsPath {
  const extension = /\.[cm]?jsx?$/.test(main) ? 'js' : 'ts'
  const candidates = ['jobs', 'dogear'].map((name) =>
    posix.join(posix.dirname(main), `${name}.${extension}`),
  )
  const ours = candidates.find((path) => textAt(folder, path)?.includes('createDogear'))
  if (ours !== undefined) return { path: ours, isNew: false }
  if (isCalled || entry?.includes('createDogear')) return { path: main, isNew: false }
  const free = candidates.find((path) => textAt(folder, path) === undefined)
  if (free !== undefined) return { path: free, isNew: true }
  throw new CliError(
    'no_file',
    `${candidates.join(' and ')} are files of your own; call createDogear in one of them, then type dogear init again`,
  )
}

/** What an import of the file would find: itself, or the index of the folder of its name. */
function textAt(folder: string, path: string): string | undefined {
  const extension = posix.extname(path)
  const index = posix.join(path.slice(0, -extension.length), `index${extension}`)
  const found = [path, index].find((one) => existsSync(join(folder, one)))
  return found === undefined ? undefined : readFileSync(join(folder, found), 'utf8')
}
