import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { CliError } from '../errors.ts'
import { type Code, isRead, type Unread } from './code.ts'

/** The file that calls `createDogear`, or is to. */
export interface JobsPath {
  /** From the Worker's folder. */
  path: string
  isNew: boolean
}

/**
 * Finds it: the file of the Worker's code that does, or one beside the entry that nothing imports yet. A new one gets
 * a name that the host does not use otherwise.
 */
export function jobsPath(
  folder: string,
  main: string,
  entry: string | undefined,
  code: Code | Unread,
): JobsPath {
  const extension = /\.[cm]?jsx?$/.test(main) ? 'js' : 'ts'
  const candidates = ['jobs', 'dogear'].map((name) =>
    posix.join(posix.dirname(main), `${name}.${extension}`),
  )
  const ours = candidates
    .map((path) => foundBy(folder, path))
    .filter((path) => path !== undefined && calls(folder, path))
  if (isRead(code) && code.dogear)
    return { path: callerIn(code, folder, [...ours, main]), isNew: false }
  if (ours[0] !== undefined) return { path: ours[0], isNew: false }
  if (entry?.includes('createDogear')) return { path: main, isNew: false }
  const free = candidates.find((path) => foundBy(folder, path) === undefined)
  if (free !== undefined) return { path: free, isNew: true }
  throw new CliError(
    'no_file',
    `${candidates.join(' and ')} are files of your own; call createDogear in one of them, then type: npx dogear init`,
  )
}

/** How one file imports the other. A file's own extension is left out, as the entry of a new Worker does. */
export function specifierOf(from: string, path: string): string {
  const way = posix.relative(posix.dirname(from), path).replace(/\.[jt]sx?$/, '')
  return way.startsWith('.') ? way : `./${way}`
}

function callerIn(
  { files }: Code,
  folder: string,
  likely: readonly (string | undefined)[],
): string {
  const callers = files.filter((file) => calls(folder, file))
  const found = likely.find((path) => path !== undefined && callers.includes(posix.normalize(path)))
  return found ?? callers[0] ?? posix.normalize(likely.at(-1) ?? '')
}

function calls(folder: string, path: string): boolean {
  const at = join(folder, path)
  return existsSync(at) && readFileSync(at, 'utf8').includes('createDogear')
}

/** What an import of the file would find: itself, or the index of the folder of its name. */
function foundBy(folder: string, path: string): string | undefined {
  const extension = posix.extname(path)
  const index = posix.join(path.slice(0, -extension.length), `index${extension}`)
  return [path, index].find((one) => existsSync(join(folder, one)))
}
