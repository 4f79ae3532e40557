import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CliError } from '../errors.ts'
import { type Code, isRead, readCode, type Unread } from './code.ts'
import { type DogearCall, findDogear } from './dogear-call.ts'
import { type ConfigFile, findConfigFile, noConfig } from './config-file.ts'
import { withoutMark } from './byte-order-mark.ts'
import { type JobsPath, jobsPath } from './jobs-path.ts'

/** A Worker's folder, and what is in it. Nothing of it is run. */
export interface Project {
  folder: string
  file: ConfigFile
  /** The entry file, as the configuration names it. */
  main: string
  /** Its text; undefined when it is not there. */
  entry: string | undefined
  /** What the code says of Dogear, or why that is not known. */
  code: Code | Unread
  /** Where `createDogear` is called, or is to be. */
  jobs: JobsPath
  /** Its call, whether or not the entry imports it yet. */
  call: DogearCall | undefined
}

/** Reads it. Throws `no_config` or `no_main` where there is no Worker, `invalid_config` for a broken one. */
export async function readProject(cwd: string, config?: string): Promise<Project> {
  const file = findConfigFile(cwd, config)
  if (file === undefined) throw noConfig(cwd)
  const { main } = file.config
  if (main === undefined) {
    throw new CliError(
      'no_main',
      `${file.name} names no code; Dogear needs some. Expected an entry like "main": "src/index.ts"`,
    )
  }
  const folder = dirname(file.path)
  const path = join(folder, main)
  const entry = existsSync(path) ? withoutMark(readFileSync(path, 'utf8')) : undefined
  const code = await readCode(folder, main)
  const jobs = jobsPath(folder, main, entry, code)
  const call = await callOf(code, folder, jobs)
  return { folder, file, main, entry, code, jobs, call }
}

async function callOf(code: Code | Unread, folder: string, { path, isNew }: JobsPath) {
  if (isNew || (isRead(code) && code.dogear)) return dogearIn(code)
  const text = existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : ''
  // What stands at the call itself is to be seen in its own file, too.
  return dogearIn(await readCode(folder, path)) ?? findDogear(text)
}

const dogearIn = (code: Code | Unread) => (isRead(code) ? code.dogear : undefined)

/** The Worker's name, by its configuration or else by its folder. */
export function workerName({ folder, file }: Project): string {
  return file.config.name ?? basename(folder)
}
