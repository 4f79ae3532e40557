import { INDEXES } from './v1/indexes.ts'
import { OTHER_TABLES } from './v1/other-tables.ts'
import { RUN_TABLES } from './v1/run-tables.ts'
import { TRIGGERS } from './v1/triggers.ts'
import { BEATS } from './v2.ts'
import { SCHEDULE_HISTORY } from './v3.ts'
import { ERROR_GROUPS } from './v4.ts'
import { SEARCH } from './v5.ts'
import { PASSED_BY } from './v6.ts'
import { SKIP_GROUPS } from './v7.ts'
import { ERRORS_BY_STATUS } from './v8.ts'
import { LANES } from './v9.ts'

/** One version of Dogear's tables: what brings a database there from the version before. */
export interface SchemaVersion {
  /** From 1, without gaps. */
  readonly version: number
  /** Code that does not know this version must not work on a database that has it. It stands aside instead. */
  readonly breaking: boolean
  /** One statement each; all of them are applied in one transaction. */
  readonly statements: readonly string[]
}

/**
 * Every version there has been, oldest first. One that is released is never changed: databases have it. A new one
 * only adds, or is `breaking`. Code of before notices that within a minute: what it still writes until then must fail
 * or do no harm.
 */
export const VERSIONS: readonly SchemaVersion[] = [
  {
    version: 1,
    breaking: false,
    statements: [...RUN_TABLES, ...OTHER_TABLES, ...INDEXES, ...TRIGGERS],
  },
  { version: 2, breaking: false, statements: BEATS },
  { version: 3, breaking: false, statements: SCHEDULE_HISTORY },
  { version: 4, breaking: false, statements: ERROR_GROUPS },
  { version: 5, breaking: false, statements: SEARCH },
  { version: 6, breaking: false, statements: PASSED_BY },
  { version: 7, breaking: false, statements: SKIP_GROUPS },
  { version: 8, breaking: false, statements: ERRORS_BY_STATUS },
  { version: 9, breaking: false, statements: LANES },
]
