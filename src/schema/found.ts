import { textOf } from '../engine/thrown.ts'
import { shapeOf, shapesOf } from './shape.ts'
import type { SchemaVersion } from './versions.ts'

/** Asks a database: its rows for a statement. */
export type Ask = (sql: string) => Promise<readonly Record<string, unknown>[]>

/** A version that a database says it has had. */
export interface FoundVersion {
  readonly version: number
  readonly breaking: boolean
}

/** What a database has of Dogear's tables. */
export type Found =
  /** It says itself which versions it has had, oldest first. */
  | { readonly kind: 'versions'; readonly versions: readonly FoundVersion[] }
  /** None of them. */
  | { readonly kind: 'none' }
  /** All of version 1, made by the migrations that there were before there were versions. */
  | { readonly kind: 'unversioned' }
  /** Some that no version has made. */
  | { readonly kind: 'strange'; readonly problem: string }

const VERSIONS_QUERY = 'SELECT version, breaking FROM dogear_schema ORDER BY version'

/** `ledger`: the library's own before its tables got their prefix, known by its guard. A host may have another one. */
const SHAPE_QUERY = `SELECT name, sql FROM sqlite_master
  WHERE sql IS NOT NULL AND (name GLOB 'dogear_*' OR (name = 'ledger' AND sql LIKE '%commit_guard%'))`

/** Looks which of Dogear's tables a database has. One read, unless it does not say so itself. */
export async function lookAt(ask: Ask, first: SchemaVersion): Promise<Found> {
  const versions = await versionsOf(ask)
  return versions.length > 0 ? { kind: 'versions', versions } : byShape(ask, first)
}

async function versionsOf(ask: Ask): Promise<FoundVersion[]> {
  try {
    return (await ask(VERSIONS_QUERY)).map(({ version, breaking }) => ({
      version: Number(version),
      breaking: Boolean(breaking),
    }))
  } catch (error) {
    if (textOf(error).includes('no such table: dogear_schema')) return []
    throw error
  }
}

async function byShape(ask: Ask, first: SchemaVersion): Promise<Found> {
  const rows = await ask(SHAPE_QUERY)
  const there = new Map(rows.map(({ name, sql }) => [String(name), shapeOf(String(sql))]))
  if (there.has('ledger'))
    return strange('tables of Dogear from before they were called `dogear_*`')
  const expected = [...shapesOf(first)]
  const present = expected.filter(([name]) => there.has(name))
  if (present.length === 0) return { kind: 'none' }
  const odd = expected.filter(([name, shape]) => there.get(name) !== shape)
  if (odd.length === 0) return { kind: 'unversioned' }
  return strange(
    `${present.length} of ${expected.length} names of version 1, ${oddities(odd, there)}`,
  )
}

const SHOWN = 3

function oddities(odd: [name: string, shape: string][], there: Map<string, string>): string {
  const shown = odd
    .slice(0, SHOWN)
    .map(([name]) => `${name} is ${there.has(name) ? 'another' : 'missing'}`)
  return [...shown, ...(odd.length > SHOWN ? [`${odd.length - SHOWN} more`] : [])].join(', ')
}

function strange(problem: string): Found {
  return { kind: 'strange', problem }
}
