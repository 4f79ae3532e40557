import { defineJob } from 'dogear'
import { z } from 'zod'

const User = z.strictObject({ userId: z.number().int() })

const mail = `INSERT INTO letters (run_id, user_id, template) VALUES (?, ?, ?)`

/** Writes one letter; another job sends what lies there. */
export const sendWelcome = defineJob({
  name: 'send-welcome',
  params: User,
  async perform({ step, params, effects, run }) {
    await step('send', () => effects.run(mail, run.id, params.userId, 'welcome'))
  },
  continuations({ enqueue, params }) {
    enqueue(sendTips, params, { wait: '5 minutes' })
    enqueue(tellAdmin, params)
  },
})

export const sendTips = defineJob({
  name: 'send-tips',
  params: User,
  async perform({ step, params, effects, run }) {
    await step('send', () => effects.run(mail, run.id, params.userId, 'tips'))
  },
})

export const tellAdmin = defineJob({
  name: 'tell-admin',
  params: User,
  async perform({ step, params, effects, run }) {
    await step('send', () => effects.run(mail, run.id, params.userId, 'admin'))
  },
})
