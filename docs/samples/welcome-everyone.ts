import { check, defineJob, setStatement, type RecordQuery } from 'dogear'
import { childrenOf } from 'dogear/runs'
import { z } from 'zod'

const users: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM members' }

const welcome = setStatement<{ run: string; user: number }>(
  `INSERT INTO letters (run_id, user_id, template)
   SELECT value ->> 'run', value ->> 'user', 'welcome' FROM json_each(?1)`,
)

/** Resumable within, and followed by other runs once it is done. */
export const welcomeEveryone = defineJob({
  name: 'welcome-everyone',
  unit: 'user',
  async perform({ step, env, effects, run, enumerators, expectTotal }) {
    const count = await step('count', async () => {
      return (
        (await env.DB.prepare('SELECT count(*) AS count FROM members').first<number>('count')) ?? 0
      )
    })
    expectTotal(count)

    await step('send', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.records(env.DB, users, { cursor }),
        (user) => effects.add(welcome, { run: run.id, user: user.id }),
      ),
    )
    return { sent: count }
  },
  async verify({ env, run }) {
    const letters = await env.DB.prepare(
      'SELECT count(*) AS count, count(DISTINCT user_id) AS users FROM letters WHERE run_id = ?',
    )
      .bind(run.id)
      .first<{ count: number; users: number }>()
    return [
      check('A letter for each user', run.progress.done, letters?.users),
      check('No user has two letters', letters?.users, letters?.count),
    ]
  },
  continuations({ enqueue, result }) {
    const { sent } = result as { sent: number }
    for (const half of ['mail', 'web']) enqueue(countMetrics, { half, sent })
    enqueue.afterAll(closeCampaign, {})
  },
})

export const countMetrics = defineJob({
  name: 'count-metrics',
  params: z.strictObject({ half: z.string(), sent: z.number().int() }),
  async perform({ params }) {
    return { [params.half]: params.sent }
  },
})

/** Starts when both of the others have ended, however they did. */
export const closeCampaign = defineJob({
  name: 'close-campaign',
  async perform({ env, run }) {
    const siblings = run.parent === null ? [] : await childrenOf(env.DB, run.parent)
    return { ended: siblings.filter(({ status }) => status === 'completed').map(({ job }) => job) }
  },
})
