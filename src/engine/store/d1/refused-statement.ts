import { textOf } from '../../thrown.ts'

/** The name that D1 stumbled over, as far as its message says. */
const NAMED =
  /no such \w+: ([^\s:]+)|has no column named ([^\s:]+)|near "([^"]+)"|constraint failed: ([^\s:.]+)\./

/**
 * The statement that D1 means: the only one, or the one of a batch with the name that it stumbled over. Undefined
 * when that could be several.
 */
export function refusedStatement(error: unknown, sqls: readonly string[]): string | undefined {
  if (sqls.length === 1) return sqls[0] || undefined
  const name = NAMED.exec(textOf(error))?.slice(1).find(Boolean)
  if (name === undefined) return undefined
  const bare = name.split('.').at(-1) ?? name
  const found = new Set(sqls.filter((sql) => wordsOf(sql).has(bare)))
  return found.size === 1 ? [...found][0] : undefined
}

/** A table `runs` is not meant by a statement on `dogear_runs`. */
function wordsOf(sql: string): Set<string> {
  return new Set(sql.split(/[^\w$]+/))
}
