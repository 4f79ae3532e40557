import { finishAndVerify, resumeAndVerify, startAndHold, unexpected } from './scenes.ts'
import type { Stage, Story } from './stage.ts'

const JOBS = ['batch-emails', 'batch-emails-iteration'] as const
const RECIPIENTS = 5_000
const BATCH = 50
const BATCHES = RECIPIENTS / BATCH
const HOLD_AT_BATCH = 30
const HELD_AT = (HOLD_AT_BATCH - 1) * BATCH

/**
 * A campaign in both styles: held before batch 30, with 29 batches done, and resumed with recipient
 * 1451. Its mails, each queued exactly once, are delivered by the run that follows it.
 */
export async function demoEmails(stage: Stage): Promise<Story[]> {
  const { client, say } = stage
  const { customers } = await client.seed({ customers: RECIPIENTS, orders: 0 })
  say(`Seeded ${customers} customers, all of them recipients.`)
  const stories: Story[] = []
  for (const job of JOBS) {
    const { sender, ...campaign } = await sendCampaign(stage, job)
    stories.push(campaign, await deliver(stage, sender))
  }
  return stories
}

async function sendCampaign(stage: Stage, job: string): Promise<Story & { sender: string }> {
  const { say } = stage
  say(`\n── ${job}: held before batch ${HOLD_AT_BATCH} of ${BATCHES} ──`)
  const options = { interrupt: { at: `batch:${HOLD_AT_BATCH}` } }
  const held = await startAndHold(stage, job, options, HELD_AT)
  say(
    `${HOLD_AT_BATCH - 1} batches of ${BATCH} recipients are complete: ${HELD_AT} of ${RECIPIENTS}.`,
  )

  say(`\n── ${job}: resumed with batch ${HOLD_AT_BATCH}, recipient ${HELD_AT + 1} ──`)
  const { run, verification } = await resumeAndVerify(stage, held, RECIPIENTS)
  say(`It took ${run.commits} commits: a batch is never half done, and a commit may hold several.`)
  const [sender, ...others] = run.children
  if (sender === undefined || others.length > 0) {
    throw unexpected(run, 'followed by exactly one run, which delivers the mails')
  }
  return { job, run: run.id, heldAt: held.progress.done, verification, sender }
}

async function deliver(stage: Stage, id: string): Promise<Story> {
  const { job } = await stage.client.run(id)
  stage.say(`\n── ${job}: started by the end of the campaign, delivers its mails ──`)
  const { verification } = await finishAndVerify(stage, id, RECIPIENTS)
  return { job, run: id, verification }
}
