import { jsonParameters, snapshot, utf8Length } from './effect-rows.ts'
import { describeValue, DogearError } from './errors.ts'

/** D1's limits for one statement (bytes; parameters). */
export const MAX_SQL_BYTES = 100_000
export const MAX_PARAMETERS = 100

/** What D1 can bind to a parameter. */
export type SqlValue = string | number | boolean | null | ArrayBuffer

/** A SQL statement with its parameters: one member of a commit's D1 batch. */
export interface Statement {
  readonly sql: string
  readonly params: readonly SqlValue[]
}

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
 * Declares a set-based effect: one statement, or several over the same rows. A commit of 500 items
 * then costs one statement instead of 500.
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
  return { sqls, params }
}

/** What a job sees of the effects of the commit to come. */
export interface Effects {
  /** Adds a row to a set-based effect. Throws `effect_too_large` for a row that fits no parameter. */
  add<Row>(statement: SetStatement<Row>, row: Row): void
  /** Adds a single statement with its own parameters. */
  run(sql: string, ...params: SqlValue[]): void
}

interface RowGroup {
  statement: SetStatement<unknown>
  rows: unknown[]
}

/**
 * The effects gathered since the last commit. Statements keep the order of their first appearance;
 * rows of one set statement are bound together.
 */
export class PendingEffects {
  #members: (Statement | RowGroup)[] = []
  #groups = new Map<SetStatement<unknown>, RowGroup>()
  readonly #marked = { members: 0, characters: 0, statements: 0 }
  #grownSinceMark: RowGroup[] = []
  /** Size of what is gathered, in UTF-16 units: an estimate to decide when to commit. */
  characters = 0
  /** How many statements a commit of this would have, but for rows beyond one parameter. */
  statements = 0

  add(statement: SetStatement<unknown>, row: unknown): void {
    const { copy, characters } = snapshot(row)
    let group = this.#groups.get(statement)
    if (!group) {
      group = { statement, rows: [] }
      this.#groups.set(statement, group)
      this.#members.push(group)
      this.statements += statement.sqls.length
    }
    group.rows.push(copy)
    this.#grownSinceMark.push(group)
    this.characters += characters
  }

  run(sql: string, params: SqlValue[]): void {
    checkStatement(sql, params, MAX_PARAMETERS)
    this.#members.push({ sql, params })
    this.statements += 1
    this.characters += sql.length
  }

  /** Everything up to here belongs to items that are done. */
  mark(): void {
    const marked = this.#marked
    marked.members = this.#members.length
    marked.characters = this.characters
    marked.statements = this.statements
    this.#grownSinceMark.length = 0
  }

  /** Takes back what was added since the mark: the effects of an item that failed. */
  rollback(): void {
    for (const group of this.#grownSinceMark) {
      group.rows.pop()
      if (group.rows.length === 0) this.#groups.delete(group.statement)
    }
    this.#members.length = this.#marked.members
    this.characters = this.#marked.characters
    this.statements = this.#marked.statements
    this.#grownSinceMark.length = 0
  }

  get empty(): boolean {
    return this.#members.length === 0
  }

  /** Hands over what was gathered as statements of one batch and starts anew. */
  take(): Statement[] {
    const statements = this.#members.flatMap((member) =>
      'rows' in member ? bindRows(member) : [member],
    )
    this.clear()
    return statements
  }

  clear(): void {
    this.#members = []
    this.#groups.clear()
    this.characters = 0
    this.statements = 0
    this.mark()
  }
}

/** What a job gets of pending effects. `mayAdd` throws; it is false for what is to be dropped silently. */
export function effectsInto(pending: PendingEffects, mayAdd: () => boolean): Effects {
  return {
    add(statement, row) {
      if (mayAdd()) pending.add(statement, row)
    },
    run(sql, ...params) {
      if (mayAdd()) pending.run(sql, params)
    },
  }
}

/** Rows beyond one parameter's 2 MB become more statements of the same batch, never a second batch. */
function bindRows({ statement, rows }: RowGroup): Statement[] {
  const bind = (json: string): Statement[] => {
    const params = [json, ...statement.params]
    return statement.sqls.map((sql) => ({ sql, params }))
  }
  return jsonParameters(rows).flatMap(bind)
}

function checkStatement(sql: string, params: readonly unknown[], maxParams: number): void {
  if (utf8Length(sql) > MAX_SQL_BYTES) {
    throw new DogearError(
      'effect_too_large',
      `SQL of ${utf8Length(sql)} bytes; D1 takes at most ${MAX_SQL_BYTES}: ${excerpt(sql)}`,
    )
  }
  if (params.length > maxParams) {
    throw new DogearError(
      'invalid_effect',
      `${params.length} parameters; expected at most ${maxParams}. Pass rows through setStatement instead: ${excerpt(sql)}`,
    )
  }
  params.forEach((value, index) => {
    const bindable =
      value === null ||
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      (typeof value === 'number' && Number.isFinite(value)) ||
      value instanceof ArrayBuffer
    if (!bindable) {
      throw new DogearError(
        'invalid_effect',
        `Parameter ${index + 1} is ${describeValue(value)}; expected a string, finite number, boolean, null or ArrayBuffer: ${excerpt(sql)}`,
      )
    }
  })
}

function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 120)}…` : line
}
