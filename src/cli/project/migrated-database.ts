import { sqlOf, sqlOfNote } from '../../schema/migration-files.ts'
import { type SchemaStatus, statusOf } from '../../schema/status.ts'
import { VERSIONS } from '../../schema/versions.ts'
import { type Place, D1Execute } from './d1-execute.ts'
import type { HostDatabase } from './host-database.ts'

/** Dogear's tables in a database of the host's. */
export class MigratedDatabase {
  readonly #d1: D1Execute

  constructor(database: HostDatabase, place: Place) {
    this.#d1 = new D1Execute(database, place)
  }

  /** How they and this release fit. */
  status(): Promise<SchemaStatus> {
    return statusOf(this.#d1.ask, VERSIONS)
  }

  /** Applies what is pending, all or nothing. A Worker that does so at the same time may be faster: that is as good. */
  async upgrade(before: SchemaStatus): Promise<SchemaStatus> {
    const { unversioned, found, pending, head } = before
    const sql = VERSIONS.flatMap((version) => {
      if (unversioned && version.version === found) return [sqlOfNote(version)]
      return pending.includes(version.version) ? [sqlOf(version)] : []
    })
    try {
      await this.#d1.run(sql.join('\n'))
      return { found: head, head, pending: [], unversioned: false, state: 'ready' }
    } catch (error) {
      const after = await this.status()
      if (after.state !== 'ready') throw error
      return after
    }
  }
}
