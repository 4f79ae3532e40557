import { UsageError } from '../errors.ts'
import { type Check } from './checks/check.ts'
import { codeChecks } from './checks/code-checks.ts'
import { configChecks } from './checks/config-checks.ts'
import { expectedBy } from './checks/expected.ts'
import { classOf } from './checks/objects.ts'
import type { Project } from './project.ts'
import { environmentOf } from './worker-config.ts'

/**
 * What can be seen without running anything: the configuration, each named environment of it, which inherits no
 * bindings, and the code. With `env` only that one is looked at.
 */
export function staticChecks(project: Project, env?: string): Check[] {
  const { file } = project
  const expected = expectedBy(project)
  const names = Object.keys(file.config.env ?? {})
  if (env !== undefined && !names.includes(env)) {
    throw new UsageError(
      `${file.name} has no environment ${env}; it has ${names.join(', ') || 'none'}`,
    )
  }
  const top = env === undefined ? configChecks(file.config, expected) : []
  // Its class has one name in all of them: that of the top level.
  const className = classOf(file.config, expected) ?? expected.className
  const sections = names
    .filter((name) => env === undefined || name === env)
    .flatMap((name) =>
      configChecks(environmentOf(file.config, name), { ...expected, className }).map((check) => ({
        ...check,
        name: `env.${name}: ${check.name}`,
      })),
    )
  return [...top, ...sections, ...codeChecks(project, expected)]
}

/** The Worker's own word counts more than what its files let expect. */
export function mergeChecks(seen: readonly Check[], live: readonly Check[]): Check[] {
  const names = new Set(live.map(({ name }) => name))
  return [...seen.filter(({ name }) => !names.has(name)), ...live]
}
