import type { D1Entry, WorkerConfig } from '../worker-config.ts'
import { fine, type Finding, wrong } from './check.ts'
import type { Expected } from './expected.ts'

/** The database that the code names is there. */
export function checkDatabase(
  { d1_databases: databases = [] }: WorkerConfig,
  { db }: Expected,
): Finding | undefined {
  if (db === undefined) return undefined
  const names = databases.map(({ binding }) => binding)
  if (names.includes(db)) return fine(db)
  const [first] = names
  return wrong(
    `createDogear looks for the D1 database ${db}; there ${first === undefined ? 'is none' : `is ${names.join(', ')}`}`,
    first === undefined ? 'npx dogear init' : `createDogear({ db: '${first}' })`,
  )
}

/** No other binding leads to the same database, and none seems to and does not. */
export function checkOneDatabase(
  { d1_databases: databases = [] }: WorkerConfig,
  { db }: Expected,
): Finding | undefined {
  const own = databases.find(({ binding }) => binding === db)
  if (own === undefined) return undefined
  const others = databases.filter(
    (one) => one !== own && !isForMigrations(one) && !isForMigrations(own),
  )
  const twin = others.find(
    (one) => one.database_id !== undefined && one.database_id === own.database_id,
  )
  if (twin) {
    return wrong(
      `${own.binding} and ${twin.binding} are one database, and what jobs write by ${twin.binding} is outside of their commits`,
      `remove one of the two from d1_databases`,
    )
  }
  const namesake = others.find(
    (one) => one.database_name !== undefined && one.database_name === own.database_name,
  )
  if (namesake) {
    return wrong(
      `${own.binding} and ${namesake.binding} have one database_name and not one database_id, so they are two databases`,
      `remove one of the two from d1_databases`,
    )
  }
  return fine(own.binding)
}

/** A second entry that only tells wrangler where Dogear's migrations are. */
function isForMigrations({ migrations_table: table }: D1Entry): boolean {
  return table === 'dogear_migrations'
}
