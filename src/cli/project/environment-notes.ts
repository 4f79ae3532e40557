import { CliError } from '../errors.ts'
import { oneLine, type Patch } from './merge-jsonc.ts'
import { patchedConfig } from './patched-config.ts'
import type { Project } from './project.ts'
import { type Piece, piecesOf, tomlAdvice } from './toml-block.ts'
import { planWiring, type Wiring, type WiringOptions } from './wiring.ts'
import { environmentOf, INHERITED, type WorkerConfig } from './worker-config.ts'

/** What a named environment lacks of what it does not inherit from the top level, which `top` has patched by then. */
export function environmentNotes(
  project: Project,
  env: string,
  { names, patch }: Wiring,
  options: WiringOptions,
): string[] {
  const config = environmentOf(patchedConfig(project.file.config, patch), env)
  try {
    const own = planWiring(config, {
      ...options,
      named: names,
      fallbackName: `${options.fallbackName}-${env}`,
    })
    const keys = Object.keys(own.patch)
    if (keys.length === 0) return []
    return [`${reasonText(env, keys)} ${additionsText(project, env, own.patch)}`]
  } catch (error) {
    if (error instanceof CliError) return [`env.${env}: ${error.message}`]
    throw error
  }
}

function reasonText(env: string, keys: readonly string[]): string {
  const replaced = keys.filter((key) => INHERITED.some((one) => one === key))
  return [
    ...(keys.length > replaced.length ? [`env.${env} inherits no bindings.`] : []),
    ...(replaced.length > 0
      ? [`env.${env} has ${replaced.join(' and ')} of its own, in place of the top level's.`]
      : []),
  ].join(' ')
}

function additionsText({ file }: Project, env: string, patch: Patch): string {
  const { block, changes } =
    file.format === 'toml'
      ? tomlAdditions(file.text, env, patch)
      : jsonAdditions(file.config, env, patch)
  return [
    ...(block === '' ? [] : [`Add to it:\n${block}`]),
    ...changes.map(({ at, add }) => `Add to ${at}: ${add}`),
  ].join('\n')
}

interface Additions {
  /** What the section gets as it is. */
  block: string
  /** What goes into something that the section has. */
  changes: { at: string; add: string }[]
}

function tomlAdditions(text: string, env: string, patch: Patch): Additions {
  const { append, changes } = tomlAdvice(text, { env: { [env]: patch } })
  return { block: append.trim(), changes }
}

function jsonAdditions({ env: sections }: WorkerConfig, env: string, patch: Patch): Additions {
  const section = (sections?.[env] ?? {}) as Record<string, unknown>
  const isThere = ({ path: [key = ''] }: Piece) => section[key] !== undefined
  const fresh = Object.entries(patch).filter(([key]) => section[key] === undefined)
  return {
    block: fresh.map(([key, value]) => `"${key}": ${oneLine(value)}`).join(',\n'),
    changes: piecesOf(patch)
      .filter(isThere)
      .map(({ path, value }) => {
        const at = `env.${env}.${path.join('.')}`
        if (Array.isArray(value) && valueAt(section, path) !== undefined) {
          return { at, add: value.map(oneLine).join(', ') }
        }
        const add = `"${path.at(-1)}": ${oneLine(value)}`
        return { at: `env.${env}.${path.slice(0, -1).join('.')}`, add }
      }),
  }
}

function valueAt(table: Record<string, unknown>, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at as Record<string, unknown> | undefined)?.[key],
    table,
  )
}
