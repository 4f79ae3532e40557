import { defineIteration, enumerators, type Cursor } from 'dogear'
import { csv, csvBatches } from 'dogear/csv'

interface Visit {
  day: string
  id: number
  page: string
}
interface Order {
  id: number
  number: string
}

/** Where a walk goes on: what `buildEnumerator` and `step.iterate` are given. */
type At = { cursor: Cursor | null }

export const small = (at: At) => ({
  letters: enumerators.array(['a', 'b'], at), // the array must be the same on every resumption
  numbers: enumerators.times(10, at), // 0 to 9
  once: enumerators.once(at), // 0
})

export const visitsOf = (site: string, env: Cloudflare.Env, at: At) =>
  enumerators.records<Visit>(
    env.DB,
    {
      sql: 'SELECT day, id, page FROM visits WHERE site = ?',
      params: [site],
      by: ['day', 'id'],
    },
    at,
  )

export const archiveOld = defineIteration({
  name: 'archive-old',
  unit: 'range',
  buildEnumerator: ({ cursor, env }) =>
    enumerators.batchRanges(
      env.DB,
      { sql: `SELECT id FROM goods WHERE status = 'old'` },
      { cursor },
    ),
  eachIteration: (range, { effects }) =>
    effects.run(`UPDATE goods SET status = ? WHERE ${range.where}`, 'archived', ...range.params),
})

export const inFiles = (env: Cloudflare.Env, at: At) => ({
  rows: csv(env.FILES, 'orders.csv', at), // { line, record: { number: 'A1', ... } }
  batches: csvBatches(env.FILES, 'orders.csv', { ...at, batchSize: 500 }),
  values: enumerators.jsonLines<Order>(env.FILES, 'orders.jsonl', at), // { line, value }
})

export function ofApi(api: string, token: string, at: At) {
  const get = (url: string) => fetch(url, { headers: { authorization: token } })
  return {
    numbered: enumerators.pages.byNumber<Order>({
      ...at,
      fetch: get,
      url: (page) => `${api}/orders?page=${page}`,
    }),
    pointed: enumerators.pages.byCursor({
      ...at,
      fetch: get,
      url: (after) => `${api}/orders?after=${after ?? ''}`,
      items: (body: { data: Order[]; next: string | null }) => body.data,
      next: (body) => body.next,
    }),
    // Link: <...>; rel="next"
    linked: enumerators.pages.byLink<Order>({ ...at, fetch: get, url: `${api}/orders` }),
  }
}

export const ordersByUser = (env: Cloudflare.Env, { cursor }: At) =>
  enumerators.nested(
    [
      (at) => enumerators.records<{ id: number }>(env.DB, { sql: 'SELECT id FROM members' }, at),
      (at, user) =>
        enumerators.records<Order>(
          env.DB,
          { sql: 'SELECT id, number FROM orders WHERE customer_id = ?', params: [user.id] },
          at,
        ),
    ],
    { cursor },
  )

export const everyOrder = (env: Cloudflare.Env, { cursor }: At) =>
  enumerators.chain(
    {
      live: (at) => enumerators.records(env.DB, { sql: 'SELECT id FROM orders' }, at),
      archived: (at) => enumerators.r2Objects(env.FILES, { ...at, prefix: 'archive/' }),
    },
    { cursor },
  )

export const carefully = (env: Cloudflare.Env, at: At, load: () => Promise<number>) =>
  enumerators.throttle(enumerators.records(env.DB, { sql: 'SELECT id FROM orders' }, at), {
    wait: '30s',
    check: 'before',
    throttleOn: async () => (await load()) > 0.8,
  })
