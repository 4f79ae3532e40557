import { excerpt } from '../cut-text.ts'
import { DogearError } from '../errors.ts'
import type { Effects, SetStatement } from '../job/effects.ts'
import {
  checkStatement,
  MAX_PARAMETERS,
  ownParameters,
  parametersLength,
  type SqlValue,
  type Statement,
} from '../statement.ts'
import { jsonParameters, snapshot } from './effect-rows.ts'
import { areIndependent } from './touched-tables.ts'

/** The most that one commit can hold: an invocation has 1,000 statements, guard and checkpoint need some. */
export const MAX_COMMIT_STATEMENTS = 900
/** A commit goes to D1 as one message. In characters and bytes of parameters and SQL. */
export const MAX_COMMIT_CHARACTERS = 16_000_000

/** Rows of one set statement that are bound together. */
interface RowGroup {
  statement: SetStatement<unknown>
  rows: unknown[]
  /** The group of the same statement before this one. */
  previous: RowGroup | undefined
  /** The item that added to it last. */
  item: number
}

/**
 * The effects gathered since the last commit, in the order in which they were added. A row joins the
 * last group of its set statement where nobody could tell: when all that was added after that group are
 * rows of other set statements that name no table in common with it, and none of them is of the same
 * item, unless that item has added to this statement before.
 */
export class PendingEffects {
  #members: (Statement | RowGroup)[] = []
  /** The last group of each statement. */
  #groups = new Map<SetStatement<unknown>, RowGroup>()
  readonly #marked = { members: 0, characters: 0, statements: 0 }
  #grownSinceMark: RowGroup[] = []
  #item = 0
  readonly #inOrder: boolean
  /** Size of what is gathered, in UTF-16 units and bytes: an estimate to decide when to commit. */
  characters = 0
  /** Statements of a commit of this, but for rows beyond one parameter. */
  statements = 0
  /** A row has joined a group that lies before other statements. */
  reordered = false

  /** `inOrder`: no row may pass another statement. */
  constructor({ inOrder = false } = {}) {
    this.#inOrder = inOrder
  }

  add(statement: SetStatement<unknown>, row: unknown): void {
    const { copy, characters } = snapshot(row)
    const last = this.#groups.get(statement)
    const group = last && this.#mayJoin(last) ? last : undefined
    const statements = group ? 0 : statement.sqls.length
    this.#requireRoom(statements, characters, statement.sqls[0] ?? '')
    const joined = group ?? this.#begin(statement, last)
    joined.rows.push(copy)
    joined.item = this.#item
    this.#grownSinceMark.push(joined)
    this.statements += statements
    this.characters += characters
  }

  run(sql: string, params: readonly SqlValue[]): void {
    checkStatement(sql, params, MAX_PARAMETERS)
    const characters = sql.length + parametersLength(params)
    this.#requireRoom(1, characters, sql)
    this.#members.push({ sql, params: ownParameters(params) })
    this.statements += 1
    this.characters += characters
  }

  /** Everything up to here belongs to items that are done. */
  mark(): void {
    const marked = this.#marked
    marked.members = this.#members.length
    marked.characters = this.characters
    marked.statements = this.statements
    this.#grownSinceMark.length = 0
    this.#item += 1
  }

  /** Takes back what was added since the mark: the effects of an item that failed. */
  rollback(): void {
    // The newest first: a group that is empty again gives way to the one before it.
    for (const group of this.#grownSinceMark.toReversed()) {
      group.rows.pop()
      if (group.rows.length > 0) continue
      if (group.previous) this.#groups.set(group.statement, group.previous)
      else this.#groups.delete(group.statement)
    }
    this.#members.length = this.#marked.members
    this.characters = this.#marked.characters
    this.statements = this.#marked.statements
    this.#grownSinceMark.length = 0
    this.#item += 1
  }

  get empty(): boolean {
    return this.#members.length === 0
  }

  /** Hands over what was gathered as statements of one batch, and begins again with nothing. */
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
    this.reordered = false
    this.mark()
  }

  #begin(statement: SetStatement<unknown>, previous: RowGroup | undefined): RowGroup {
    const group = { statement, rows: [], previous, item: this.#item }
    this.#groups.set(statement, group)
    this.#members.push(group)
    return group
  }

  #mayJoin(group: RowGroup): boolean {
    const members = this.#members
    let at = members.length - 1
    if (members[at] === group) return true
    if (this.#inOrder) return false
    const again = group.item === this.#item
    for (; members[at] !== group; at--) {
      const passed = members[at] as Statement | RowGroup
      if (!('rows' in passed)) return false
      if (passed.item === this.#item && !again) return false
      if (!areIndependent(group.statement, passed.statement)) return false
    }
    this.reordered = true
    return true
  }

  #requireRoom(statements: number, characters: number, sql: string): void {
    if (this.statements + statements > MAX_COMMIT_STATEMENTS) {
      throw new DogearError(
        'too_many_statements',
        `The effects of one commit would be ${this.statements + statements} statements; expected at most ${MAX_COMMIT_STATEMENTS}, since D1 takes 1,000 from one invocation. ` +
          `Add rows to a setStatement, which binds any number of them to one statement, or come to a checkpoint more often: ${excerpt(sql)}`,
      )
    }
    if (this.characters + characters > MAX_COMMIT_CHARACTERS) {
      throw new DogearError(
        'effect_too_large',
        `The effects of one commit would have ${this.characters + characters} bytes; expected at most ${MAX_COMMIT_CHARACTERS}. ` +
          `Come to a checkpoint more often, or keep large values elsewhere, in R2 say: ${excerpt(sql)}`,
      )
    }
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

/** Pending effects as a job sees them. `mayAdd` throws; it is false for what is to be dropped silently. */
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
