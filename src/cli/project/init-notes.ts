import { checkAssets } from './checks/config-checks.ts'
import { type Expected, expectedBy } from './checks/expected.ts'
import type { Project } from './project.ts'
import { hasDogear } from './host-tools.ts'
import { oneLine, type Patch } from './merge-jsonc.ts'
import { tomlAdvice } from './toml-block.ts'
import { planWiring, type WiringNames, type WiringOptions } from './wiring.ts'
import { environmentOf, OLDEST_DATE, type WorkerConfig } from './worker-config.ts'

/** What a person should know of this Worker, and `dogear init` does not change. */
export function notesOn(project: Project, names: WiringNames, options: WiringOptions): string[] {
  const { file } = project
  return [
    ...(hasDogear(project.folder)
      ? []
      : ['Dogear is no package of this project yet: npm i dogear']),
    ...dateNotes(file.config, file.name),
    ...classNotes(file.config, names.className),
    ...pageNotes(file.config, expectedBy(project)),
    ...Object.keys(file.config.env ?? {}).flatMap((env) => environmentNotes(project, env, options)),
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

function environmentNotes(project: Project, env: string, options: WiringOptions): string[] {
  const { patch } = planWiring(environmentOf(project.file.config, env), options)
  const keys = Object.keys(patch)
  if (keys.length === 0) return []
  return [`env.${env} inherits no bindings. Add to it:\n${sectionText(project, env, patch)}`]
}

function sectionText({ file }: Project, env: string, patch: Patch): string {
  if (file.format === 'toml') {
    const { append, changes } = tomlAdvice(file.text, { env: { [env]: patch } })
    return [append.trim(), ...changes.map(({ at, add }) => `${at}: ${add}`)].join('\n')
  }
  return Object.entries(patch)
    .map(([key, value]) => `"${key}": ${oneLine(value)}`)
    .join(',\n')
}
