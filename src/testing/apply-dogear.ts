import { Schema } from '../schema/schema.ts'

/**
 * Makes Dogear's tables in a test's database, or brings them up to date. For the set-up of your tests, in which no
 * Worker of yours does that: `await applyDogear(env.DB)`.
 */
export function applyDogear(db: D1Database): Promise<void> {
  return new Schema().ready(db)
}
