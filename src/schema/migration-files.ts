import { noteOf, statementsOf } from './statements.ts'
import { type SchemaVersion, VERSIONS } from './versions.ts'

/** A file of SQL as wrangler applies it. */
export interface MigrationFile {
  readonly name: string
  readonly text: string
}

/** All versions as files for `wrangler d1 migrations apply`. They note their version as the Worker itself does. */
export function migrationFiles(): MigrationFile[] {
  return VERSIONS.map((version) => migrationFile(version, version.version))
}

/** The file of one version, with its number among the files beside it. */
export function migrationFile(version: SchemaVersion, number: number): MigrationFile {
  return {
    name: `${String(number).padStart(4, '0')}_dogear_v${version.version}.sql`,
    text: `-- Dogear's tables, version ${version.version}. Leave it as it is: the library knows it.\n\n${sqlOf(version)}`,
  }
}

/** The SQL that brings a database from the version before to this one. */
export function sqlOf(version: SchemaVersion): string {
  return textOf(statementsOf(version))
}

/** The SQL that only notes that a database has the version already. */
export function sqlOfNote(version: SchemaVersion): string {
  return textOf(noteOf(version))
}

/** Statements are indented as they stand in the code. */
function textOf(statements: readonly string[]): string {
  return statements.map((sql) => `${sql.replaceAll('\n  ', '\n')};\n`).join('\n')
}
