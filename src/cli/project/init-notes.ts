import { checkAssets } from './checks/config-checks.ts'
import { type Expected, expectedBy } from './checks/expected.ts'
import type { Project } from './project.ts'
import { hasDogear } from './host-tools.ts'
import { isRead } from './code.ts'
import { environmentNotes } from './environment-notes.ts'
import { KEYS, unknownTo } from './unknown-names.ts'
import type { Wiring, WiringOptions } from './wiring.ts'
import { OLDEST_DATE, type WorkerConfig } from './worker-config.ts'

/** What a person should know of this Worker, and `dogear init` does not change. `top` is what the top level gets. */
export function notesOn(project: Project, top: Wiring, options: WiringOptions): string[] {
  const { file } = project
  return [
    ...(hasDogear(project.folder)
      ? []
      : ['Dogear is no package of this project yet: npm i dogear']),
    ...unreadNotes(project),
    ...dateNotes(file.config, file.name),
    ...classNotes(file.config, top.names.className),
    ...pageNotes(file.config, expectedBy(project)),
    ...Object.keys(file.config.env ?? {}).flatMap((env) =>
      environmentNotes(project, env, top, options),
    ),
  ]
}

function unreadNotes(project: Project): string[] {
  const { code, file, jobs, main } = project
  const unknown = unknownTo(project)
  return [
    ...(isRead(code) || jobs.isNew
      ? []
      : [`${code.why}, so the lines of ${main} were looked for by their text only.`]),
    ...(unknown.length === 0
      ? []
      : [
          `What createDogear in ${jobs.path} says of ${unknown.join(', ')} is no plain text, so ` +
            `${unknown.flatMap((name) => KEYS[name]).join(', ')} of ${file.name} were left alone. See that they fit.`,
        ]),
  ]
}

function dateNotes({ compatibility_date: date }: WorkerConfig, file: string): string[] {
  if (date !== undefined && date >= OLDEST_DATE) return []
  const found =
    date === undefined ? 'has no compatibility_date' : `has the compatibility_date ${date}`
  return [
    `${file} ${found}; Dogear needs ${OLDEST_DATE} or later. Change it, and test your Worker with it.`,
  ]
}

function classNotes({ migrations = [] }: WorkerConfig, className: string): string[] {
  const plain = migrations.find(({ new_classes: classes }) => classes?.includes(className))
  if (plain === undefined) return []
  return [
    `migration ${plain.tag} makes ${className} by new_classes; Dogear needs new_sqlite_classes. If it was never ` +
      `deployed, change the word; else delete the class by a new tag, and make it again by another.`,
  ]
}

function pageNotes(config: WorkerConfig, expected: Expected): string[] {
  const finding = checkAssets(config, expected)
  return finding === undefined ? [] : [`${finding.found}. To do: ${finding.todo}.`]
}
