import { type Ask, type Found, type FoundVersion, lookAt } from './found.ts'
import { type SchemaVersion, VERSIONS } from './versions.ts'

/** How a database's tables and this code fit. */
export interface SchemaStatus {
  /**
   * `ready`: to be worked on. `outdated`: versions are pending. `too_new`: it has a breaking version that this code
   * does not know. `strange`: it has tables of these names that no version has made.
   */
  readonly state: 'ready' | 'outdated' | 'too_new' | 'strange'
  /** The newest version that the database has; 0 for none. */
  readonly found: number
  /** The newest version that this code knows. */
  readonly head: number
  /** The versions to be applied, oldest first. */
  readonly pending: readonly number[]
  /** It has the tables of version 1 without saying so: the migrations of before have made them. */
  readonly unversioned: boolean
  /** The oldest breaking version that this code does not know. */
  readonly breaking?: number
  /** What is strange about it. */
  readonly problem?: string
}

/** Looks how a database's tables and this code fit. Changes nothing. */
export function schemaStatus(db: D1Database): Promise<SchemaStatus> {
  return statusOf(async (sql) => (await db.prepare(sql).all()).results, VERSIONS)
}

/** The same, of a database that is asked otherwise, and of other versions than this code's. */
export async function statusOf(
  ask: Ask,
  versions: readonly SchemaVersion[],
): Promise<SchemaStatus> {
  return judged(await lookAt(ask, versions[0] as SchemaVersion), versions)
}

function judged(found: Found, versions: readonly SchemaVersion[]): SchemaStatus {
  const head = versions.at(-1)?.version ?? 0
  const has = versionOf(found)
  const pending = versions.map(({ version }) => version).filter((version) => version > has)
  const unversioned = found.kind === 'unversioned'
  const status = { found: has, head, pending, unversioned }
  if (found.kind === 'strange') return { ...status, state: 'strange', problem: found.problem }
  const breaking = found.kind === 'versions' ? firstBreaking(found.versions, head) : undefined
  if (breaking !== undefined) return { ...status, state: 'too_new', breaking }
  return { ...status, state: pending.length > 0 || unversioned ? 'outdated' : 'ready' }
}

function versionOf(found: Found): number {
  if (found.kind === 'versions') return found.versions.at(-1)?.version ?? 0
  return found.kind === 'unversioned' ? 1 : 0
}

function firstBreaking(versions: readonly FoundVersion[], head: number): number | undefined {
  return versions.find(({ version, breaking }) => version > head && breaking)?.version
}
