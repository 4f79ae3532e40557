import { defineIteration, type RecordQuery } from 'dogear'

const users: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM members' }

/** A payment is outside D1: it is asked for at least once, and the other side tells repetitions apart. */
export const chargeUsers = defineIteration({
  name: 'charge-users',
  unit: 'user',
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, env, enumerators }) => enumerators.records(env.DB, users, { cursor }),
  async eachIteration(user, { effects, idempotencyKey }) {
    const response = await fetch('https://pay.example/charges', {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey },
      body: JSON.stringify({ user: user.id }),
    })
    if (!response.ok) throw new Error(`the payment of user ${user.id} failed: ${response.status}`)
    const { reference } = await response.json<{ reference: string }>()
    effects.run('INSERT INTO payments (user_id, reference) VALUES (?, ?)', user.id, reference)
  },
})
