import { DogearError } from '../engine/errors.ts'
import type { SchemaStatus } from './status.ts'

const COMMAND = '`npx dogear migrate` (with `--remote` for a deployed Worker)'

/** Why this code does not work on a database: what was found there, what was expected, what to type. */
export function refusalOf(status: SchemaStatus): DogearError {
  const { state, found, head, breaking, problem } = status
  switch (state) {
    case 'too_new':
      return new DogearError(
        'schema_too_new',
        `Dogear's tables are at version ${found}, and code that does not know version ${breaking} must not work on ` +
          `them; this code knows versions up to ${head}. It stands aside: deploy the newer code everywhere`,
      )
    case 'strange':
      return new DogearError(
        'schema_strange',
        `Dogear's tables are of no version: found ${problem}. Expected all tables of version 1, or none. If they are ` +
          `of the migrations of Dogear's own repository, type \`npx wrangler d1 migrations apply\` there first`,
      )
    case 'outdated':
    case 'ready':
      return new DogearError(
        'schema_outdated',
        `${found === 0 ? "The database has none of Dogear's tables" : `Dogear's tables are at version ${found}`}; ` +
          `expected version ${head}. Type ${COMMAND}`,
      )
  }
}
