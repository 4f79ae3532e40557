import { defineIteration, defineJob, type RecordQuery } from 'dogear'

const members: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM members' }

/** Asks the partner about a member. The key is the same in every attempt, so that it can tell repetitions. */
async function scoreOf(member: number, idempotencyKey: string): Promise<number> {
  const response = await fetch(`https://scores.example/members/${member}`, {
    headers: { 'idempotency-key': idempotencyKey },
  })
  if (!response.ok) throw new Error(`no score of member ${member}: ${response.status}`)
  const { score } = await response.json<{ score: number }>()
  return score
}

const KEEP = 'INSERT INTO payments (user_id, reference) VALUES (?, ?)'

/** Six members at once. */
export const scoreMembers = defineIteration({
  name: 'score-members',
  unit: 'member',
  concurrency: 6,
  skip: { maxSkips: 10, attempts: 3 },
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records(env.DB, members, { cursor }),
  async eachIteration({ id }, { effects, idempotencyKey }) {
    effects.run(KEEP, id, `score ${await scoreOf(id, idempotencyKey)}`)
  },
})

/** The same in a step. */
export const scoreMembersInSteps = defineJob({
  name: 'score-members-steps',
  unit: 'member',
  async perform({ step, env, enumerators }) {
    await step('score', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.records(env.DB, members, { cursor }),
        async ({ id }, { effects, idempotencyKey }) => {
          effects.run(KEEP, id, `score ${await scoreOf(id, idempotencyKey)}`)
        },
        { concurrency: 6 },
      ),
    )
  },
})
