import type { SchemaVersion } from './versions.ts'

/** Where a database says which versions it has had. */
const SCHEMA_TABLE = `CREATE TABLE IF NOT EXISTS dogear_schema (
  version INTEGER PRIMARY KEY,
  breaking INTEGER NOT NULL,
  applied_at TEXT NOT NULL
)`

/**
 * Brings a database from the version before to this one; to be run as one transaction. The note of it comes first:
 * whoever is second fails there, and nothing of theirs is kept.
 */
export function statementsOf(version: SchemaVersion): string[] {
  return [...noteOf(version), ...version.statements]
}

/** Only notes that a database has the version already. */
export function noteOf({ version, breaking }: SchemaVersion): string[] {
  return [
    SCHEMA_TABLE,
    `INSERT INTO dogear_schema (version, breaking, applied_at)
  VALUES (${version}, ${Number(breaking)}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
  ]
}
