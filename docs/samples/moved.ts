import { defineJob } from 'dogear'

const note = `INSERT INTO letters (run_id, user_id, template) VALUES (?, ?, ?)`

/** The job as it was deployed first. */
export const inviteBefore = defineJob({
  name: 'invite',
  unit: 'user',
  async perform({ step, effects, run }) {
    await step('warm_up', () => effects.run(note, run.id, 0, 'warm up'))
    await step('send', { start: 1 }, async (step) => {
      while (step.cursor <= 6) {
        effects.run(note, run.id, step.cursor, 'invitation')
        await step.advance()
      }
    })
  },
})

/** The job as it is now: one step is gone, one has another name, one is new. */
export const inviteNow = defineJob({
  name: 'invite',
  unit: 'user',
  steps: { removed: ['warm_up'], renamed: { send: 'send_invitations' }, added: ['tell_admin'] },
  async perform({ step, effects, run }) {
    await step('tell_admin', () => effects.run(note, run.id, 0, 'admin'))
    await step('send_invitations', { start: 1 }, async (step) => {
      while (step.cursor <= 6) {
        effects.run(note, run.id, step.cursor, 'invitation')
        await step.advance()
      }
    })
  },
})
