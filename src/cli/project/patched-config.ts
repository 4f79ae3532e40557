import type { Patch } from './merge-jsonc.ts'
import type { WorkerConfig } from './worker-config.ts'

/** The configuration once the patch is in its file: lists get more entries, and what is there stays. */
export function patchedConfig(config: WorkerConfig, patch: Patch): WorkerConfig {
  return merged(config, patch) as WorkerConfig
}

function merged(there: unknown, added: Patch[string]): unknown {
  if (there === undefined) return added
  if (Array.isArray(there)) return isList(added) ? [...(there as unknown[]), ...added] : there
  if (typeof there !== 'object' || typeof added !== 'object' || isList(added)) return there
  const table = there as Record<string, unknown>
  const members = Object.entries(added).map(([key, value]) => [key, merged(table[key], value)])
  return { ...table, ...Object.fromEntries(members) }
}

const isList = (value: Patch[string]): value is readonly unknown[] => Array.isArray(value)
