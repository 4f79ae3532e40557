import type { Source } from './sources.ts'

/** A run's place in lists: `createdAt id`, which sorts as they do. */
export type Key = string

export interface Order {
  sort: 'newest' | 'oldest'
  after?: { createdAt: string; id: string }
}

/** SQL, and what is bound to each `?` in it. */
export interface Sql {
  sql: string
  values: readonly string[]
}

/**
 * So many runs are looked at in one go, whether they fit or not. Thus also a search for what is rare among much is
 * answered soon, with less than a page, and goes on from there.
 */
const LOOKED_AT = 20_000
/** Where a run is large, and its message is looked through. */
const LOOKED_THROUGH = 4_000
const LEAST_LOOKED_AT = 40

/** How a source is read at each of its places: these stand where `ref` is known. */
export class Place {
  readonly #source: Source
  readonly #inOrder: Sql
  readonly #key: string
  /** Runs that are looked at, if not all that are found fit. */
  readonly #looked: number | undefined

  constructor(source: Source, { sort, after }: Order) {
    const { from, createdAt, id, range, checks, refs, slow } = source
    const [order, beyond] = sort === 'newest' ? ['DESC', '<'] : ['ASC', '>']
    const conditions = [...range.sql, ...(after ? [`(${createdAt}, ${id}) ${beyond} (?, ?)`] : [])]
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
    this.#source = source
    this.#inOrder = {
      sql: `FROM ${from} ${where} ORDER BY ${createdAt} ${order}, ${id} ${order}`,
      values: [...range.values, ...(after ? [after.createdAt, after.id] : [])],
    }
    this.#key = `${createdAt} || ' ' || ${id}`
    this.#looked =
      checks.sql.length === 0
        ? undefined
        : Math.max(
            LEAST_LOOKED_AT,
            Math.floor((slow ? LOOKED_THROUGH : LOOKED_AT) / (refs?.length ?? 1)),
          )
  }

  /** A JSON array of the first keys that fit. */
  keys(limit: number): Sql {
    const { as, createdAt, id, checks } = this.#source
    const { sql, values } = this.#inOrder
    const found =
      this.#looked === undefined
        ? `SELECT ${this.#key} AS key ${sql} LIMIT ${limit}`
        : `SELECT ${this.#key} AS key FROM (SELECT ${createdAt}, ${id} ${sql} LIMIT ${this.#looked}) AS ${as}
           WHERE ${checks.sql.join(' AND ')} LIMIT ${limit}`
    return {
      sql: `(SELECT json_group_array(key) FROM (${found}))`,
      values: [...values, ...checks.values],
    }
  }

  /** The key of the last run that is looked at when there are more; NULL when all are. */
  cut(): Sql {
    if (this.#looked === undefined) return { sql: 'NULL', values: [] }
    const { sql, values } = this.#inOrder
    return { sql: `(SELECT ${this.#key} ${sql} LIMIT 1 OFFSET ${this.#looked - 1})`, values }
  }

  /** One row for each of the places. */
  get refs(): Sql {
    const { refs } = this.#source
    return refs
      ? { sql: 'json_each(?) AS ref', values: [JSON.stringify(refs)] }
      : { sql: '(SELECT 0) AS ref', values: [] }
  }
}
