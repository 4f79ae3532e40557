import { expectedBy } from './checks/expected.ts'
import { freeTick } from './free-tick.ts'
import type { Project } from './project.ts'
import { DEFAULT_NAMES } from './wiring.ts'
import { TICK } from './worker-config.ts'

/**
 * The tick that is Dogear's: what `createDogear` says, or for a new one the first that the host has no use for.
 * Undefined when the code says it and not by a plain text.
 */
export function tickOf(project: Project): string | undefined {
  if (!project.jobs.isNew) return expectedBy(project).cron
  const { config } = project.file
  const bindings = config.durable_objects?.bindings ?? []
  // Who has the binding has wired the tick, too, before there was any code.
  if (bindings.some(({ name }) => name === DEFAULT_NAMES.runs)) return TICK
  const sections = [config, ...Object.values(config.env ?? {})]
  return freeTick(sections.flatMap(({ triggers }) => triggers?.crons ?? []))
}
