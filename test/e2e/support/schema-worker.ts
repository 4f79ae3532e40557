import { Schema } from '../../../src/schema/schema.ts'
import { VERSIONS } from '../../../src/schema/versions.ts'

interface Env {
  DB: D1Database
  /** Versions to come that this Worker's code knows. */
  LATER: number
}

/** A Worker that only sees to its tables; a release to come has more of them. */
export default {
  async fetch(_request, { DB, LATER }) {
    const later = Array.from({ length: LATER }, (_, index) => ({
      version: VERSIONS.length + 1 + index,
      breaking: false,
      statements: [`CREATE TABLE dogear_later_${index} (id INTEGER)`],
    }))
    await new Schema({ versions: [...VERSIONS, ...later] }).ready(DB)
    return new Response('ready')
  },
} satisfies ExportedHandler<Env>
