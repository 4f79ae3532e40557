import type { Effects, SetStatement } from '../job/effects.ts'
import { checkStatement, MAX_PARAMETERS, ownParameters, type SqlValue } from '../statement.ts'
import { snapshot } from './effect-rows.ts'
import type { PendingEffects } from './pending-effects.ts'

/**
 * The effects of one item that is worked on beside others: kept apart until the items before it are done, then
 * added to the commit to come, in the order in which the item added them.
 */
export class ItemEffects implements Effects {
  readonly #mayAdd: () => boolean
  readonly #additions: ((pending: PendingEffects) => void)[] = []

  /** `mayAdd` throws; it is false for what is to be dropped silently. */
  constructor(mayAdd: () => boolean) {
    this.#mayAdd = mayAdd
  }

  add<Row>(statement: SetStatement<Row>, row: Row): void {
    if (!this.#mayAdd()) return
    const { copy } = snapshot(row)
    this.#additions.push((pending) => pending.add(statement, copy))
  }

  run(sql: string, ...params: SqlValue[]): void {
    if (!this.#mayAdd()) return
    checkStatement(sql, params, MAX_PARAMETERS)
    const own = ownParameters(params)
    this.#additions.push((pending) => pending.run(sql, own))
  }

  addTo(pending: PendingEffects): void {
    for (const addition of this.#additions) addition(pending)
  }
}
