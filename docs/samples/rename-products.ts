import { defineIteration, setStatement, type RecordQuery } from 'dogear'

interface Product {
  id: number
  name: string
}

const products: RecordQuery<Product> = { sql: 'SELECT id, name FROM goods' }
const rename = setStatement<Product>(
  `UPDATE goods SET name = renamed.value ->> 'name'
   FROM json_each(?1) AS renamed WHERE goods.id = renamed.value ->> 'id'`,
)

export const renameProducts = defineIteration({
  name: 'rename-products',
  unit: 'product',
  skip: {},
  alerts: {
    stalledAfter: 20,
    skipRate: 0.05,
    budget: { dollars: 2, d1RowsWritten: 1_000_000, durationMs: 3_600_000 },
  },
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records(env.DB, products, { cursor }),
  eachIteration({ id, name }, { effects, run }) {
    if (name.trim() === '') throw new Error('a product without a name')
    if (name.length > 80) run.log.warn('a long name', { id, length: name.length })
    effects.add(rename, { id, name: name.trim() })
  },
})
