import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Script } from 'node:vm'
import { describeValue } from '../../engine/errors.ts'
import { nameProblem } from '../../engine/name.ts'
import { CliError } from '../errors.ts'
import { expectedBy } from './checks/expected.ts'
import { iterationFile, stepsFile, testFile } from './files.ts'
import { specifierOf } from './jobs-path.ts'
import type { Project } from './project.ts'
import { DEFAULT_NAMES } from './wiring.ts'

export type JobStyle = 'iteration' | 'steps'

/** A new job: its files, and how it comes into the Worker. */
export interface NewJob {
  files: { file: string; text: string }[]
  /** The file that calls `createDogear`, and the lines for it. */
  addTo: string
  lines: string[]
  /** That file is not there yet: `dogear init` writes it. */
  needsInit: boolean
}

/** Plans it; nothing is written here. Throws `invalid_job` for a bad name, `file_exists` where it would overwrite. */
export function planJob(project: Project, name: string, style: JobStyle): NewJob {
  const { folder, main, jobs } = project
  const problem = nameProblem(name)
  if (problem !== undefined)
    throw new CliError('invalid_job', `Job ${describeValue(name)} is malformed: ${problem}`)
  const constant = constantFor(name)
  const extension = posix.extname(jobs.path)
  const file = posix.join(posix.dirname(main), `jobs/${name}${extension}`)
  const test = `test/jobs/${name}.test${extension}`
  const taken = [file, test].find((path) => existsSync(join(folder, path)))
  if (taken !== undefined) {
    throw new CliError('file_exists', `${taken} is there already; expected the name of a new job`)
  }
  const write = style === 'iteration' ? iterationFile : stepsFile
  const from = (path: string) => posix.relative('test/jobs', path).slice(0, -extension.length)
  const { db = DEFAULT_NAMES.db } = expectedBy(project)
  return {
    files: [
      { file, text: write(name, constant) },
      { file: test, text: testFile(constant, { jobs: from(jobs.path), job: from(file) }, db) },
    ],
    addTo: jobs.path,
    lines: [
      `import { ${constant} } from '${specifierOf(jobs.path, file)}'`,
      `createDogear({ jobs: [..., ${constant}] })`,
    ],
    needsInit: jobs.isNew,
  }
}

/** `sendInvoices` for `send-invoices`; `deleteJob` where JavaScript has the word itself. */
function constantFor(name: string): string {
  const constant = name.replaceAll(/-+(\w?)/g, (_all, letter: string) => letter.toUpperCase())
  try {
    // Compiled, and not run; as strict as a module is.
    void new Script(`async () => { 'use strict'; const ${constant} = 1 }`)
    return constant
  } catch {
    return `${constant}Job`
  }
}
