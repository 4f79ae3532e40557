import { excerpt } from '../cut-text.ts'
import { DogearError } from '../errors.ts'
import { checkStatement, MAX_PARAMETERS, ownParameters, type SqlValue } from '../statement.ts'

/**
 * A set-based effect: SQL statements that handle any number of rows, which arrive as the JSON array in
 * `?1`; `params` are bound to `?2` and up. Made by `setStatement`.
 */
export interface SetStatement<Row> {
  /** In the order in which they run, over the same rows. */
  readonly sqls: readonly string[]
  readonly params: readonly SqlValue[]
  /** Only for inference: the type of a row. */
  readonly row?: Row
}

/**
 * Declares a set-based effect: one statement, or several over the same rows, of which each handles all
 * rows before the next one runs. A commit of 500 items then costs one statement instead of 500.
 *
 * Effects keep the order in which they were added, so two set statements that name a table in common,
 * and one of which writes to it, cost a statement for each turn when items add to both in turn. Where
 * the items do not depend on each other, declare the two as one, over the same rows.
 *
 * @example
 * const archive = setStatement<{ id: number }>(`
 *   UPDATE orders SET archived = 1
 *   WHERE id IN (SELECT value ->> 'id' FROM json_each(?1)) AND archived = 0`)
 * // in the job: effects.add(archive, { id: order.id })
 */
export function setStatement<Row>(
  sql: string | readonly string[],
  ...params: SqlValue[]
): SetStatement<Row> {
  const sqls = typeof sql === 'string' ? [sql] : sql
  for (const text of sqls) {
    checkStatement(text, params, MAX_PARAMETERS - 1)
    if (!text.includes('?1')) {
      throw new DogearError(
        'invalid_effect',
        `A set statement reads its rows from ?1, found none in: ${excerpt(text)}`,
      )
    }
  }
  return { sqls: [...sqls], params: ownParameters(params) }
}

/**
 * The effects of the commit to come, as a job sees them. They happen in the order in which they are
 * added. Rows of one set statement are bound together all the same, also those of several items, unless
 * that could be told from the outcome: a row never passes a `run`, nor a statement that names a table in
 * common with its own (but for tables that both only read), nor what its own item has added before it.
 * What triggers, views and cascades of foreign keys touch beyond that is not seen.
 */
export interface Effects {
  /**
   * Adds a row to a set-based effect: a value that JSON holds exactly, Dates as their ISO text. Throws
   * `invalid_effect` for any other, `effect_too_large` for a row that fits no parameter, and
   * `too_many_statements` when no invocation could send what has been added since the last checkpoint.
   */
  add<Row>(statement: SetStatement<Row>, row: Row): void
  /** Adds a single statement with its own parameters. Throws as `add` does. */
  run(sql: string, ...params: SqlValue[]): void
}
