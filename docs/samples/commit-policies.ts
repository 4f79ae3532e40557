import { defineIteration, setStatement, type RecordQuery } from 'dogear'

const products: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM goods' }
const touch = setStatement<{ id: number }>(
  `UPDATE goods SET status = 'seen' WHERE id IN (SELECT value ->> 'id' FROM json_each(?1))`,
)

/** Each item durable before the next begins. */
export const eachDurable = defineIteration({
  name: 'each-durable',
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records(env.DB, products, { cursor }),
  eachIteration: (product, { effects }) => effects.add(touch, { id: product.id }),
})

/** A batch is one item: one cursor, one effect. */
export const inBatches = defineIteration({
  name: 'in-batches',
  unit: 'batch',
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.batches(env.DB, products, { cursor, batchSize: 10 }),
  eachIteration(batch, { effects }) {
    for (const { id } of batch) effects.add(touch, { id })
  },
})
