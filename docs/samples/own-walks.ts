import { defineIteration, Throttled, Tick, type Cursor, type Effects } from 'dogear'

/** A shop's orders as a queue of its own API gives them: what a page yields, and where the next begins. */
export interface Feed {
  read(
    after: string | null,
  ): Promise<{ messages: string[]; next: string | null; retryInMs?: number }>
}

/** One product after the other by id; ids that are gone cost a look, so the walk ticks on them. */
export const visitProducts = defineIteration({
  name: 'visit-products',
  unit: 'product',
  async *buildEnumerator({ cursor, env }) {
    const find = env.DB.prepare('SELECT id, name FROM goods WHERE id = ?')
    for (let id = Number(cursor ?? 0) + 1; id <= 30; id++) {
      const product = await find.bind(id).first<{ id: number; name: string }>()
      if (product) yield [product, id] as const
      else yield new Tick(id)
    }
  },
  eachIteration: (product, { effects }) => visit(effects, product.id),
})

/** Takes from a list until it is empty. There is no place to go back to: the cursor is null. */
export const drainLetters = defineIteration({
  name: 'drain-letters',
  unit: 'mail',
  commit: { everyItems: 1 },
  async *buildEnumerator({ env }) {
    const oldest = env.DB.prepare('SELECT id FROM letters ORDER BY id LIMIT 1')
    for (let mail = await oldest.first<{ id: number }>(); mail;) {
      yield [mail, null] as const
      mail = await oldest.first<{ id: number }>()
    }
  },
  eachIteration: (mail, { effects }) => effects.run('DELETE FROM letters WHERE id = ?', mail.id),
})

/** Walks any feed that tells where its next page begins, and stands still when it is asked to wait. */
export async function* feedMessages(feed: Feed, cursor: Cursor | null) {
  let [after, done] = (cursor ?? [null, 0]) as [string | null, number]
  for (;;) {
    const { messages, next, retryInMs } = await feed.read(after)
    if (retryInMs !== undefined) {
      yield new Throttled(retryInMs)
      continue
    }
    for (; done < messages.length; done++) yield [messages[done], [after, done + 1]] as const
    if (next === null) return
    ;[after, done] = [next, 0]
  }
}

function visit(effects: Effects, id: number): void {
  effects.run(`UPDATE goods SET status = status || '+' WHERE id = ?`, id)
}
