import { CliError, durationText } from 'dogear/cli'
import { isEnded } from 'dogear/client'
import { finishAndVerify, startAndHold, unexpected, watch } from './scenes.ts'
import type { Stage, Story } from './stage.ts'

const JOBS = ['process-orders', 'process-orders-iteration']
const ORDERS = 1_000
const HOLD_AFTER = 300
const KILL_FROM = 450

interface OrdersStory extends Story {
  committedWhenKilled: number
  restartMs: number
  backAfterMs: number
}

/** Both styles of the same job: held after 300 orders, resumed, killed in mid-run, back, verified. */
export async function demoOrders(stage: Stage): Promise<OrdersStory[]> {
  const { client, say } = stage
  const { orders } = await client.seed({ orders: ORDERS })
  say(`Seeded ${orders.total} orders, ${orders.pending} of them pending.`)
  const stories: OrdersStory[] = []
  for (const job of JOBS) {
    await client.reset()
    stories.push(await tell(stage, job))
  }
  return stories
}

async function tell(stage: Stage, job: string): Promise<OrdersStory> {
  const { client, say } = stage
  say(`\n── ${job}: interrupted after ${HOLD_AFTER} orders, and held ──`)
  const options = {
    interrupt: { afterItems: HOLD_AFTER },
    // A commit per order, so that the run lasts long enough to be killed in the middle.
    commit: { everyItems: 1 },
  }
  const held = await startAndHold(stage, job, options, HOLD_AFTER)

  say(`\n── ${job}: resumed, and its Worker killed in mid-run ──`)
  await client.command(held.id, 'resume')
  const survived = await killInMidRun(stage, held.id)
  const { verification } = await finishAndVerify(stage, held.id, ORDERS)
  return { job, run: held.id, heldAt: held.progress.done, ...survived, verification }
}

/** Kills the Worker under a run, starts it again, and waits for the run's next commit. */
async function killInMidRun(stage: Stage, id: string) {
  const { worker, client, say } = stage
  const seen = await watch(
    stage,
    id,
    (run) => isEnded(run.status) || run.progress.done >= KILL_FROM,
  )
  const killed = await worker.kill9()
  if (isEnded(seen.status)) throw unexpected(seen, 'in mid-run, to be killed there')
  say(`kill -9 of wrangler, workerd and what they started: ${killed.length} processes.`)

  const killedAt = Date.now()
  await worker.restart()
  const upAt = Date.now()
  // Asked of the orders themselves: the run's own count may lag by a report.
  const { orders } = await client.snapshot()
  const committed = orders.total - orders.pending
  say(
    `Restarted on the same state in ${durationText(upAt - killedAt)}: ${committed} orders are committed.`,
  )
  if (committed < seen.progress.done) {
    throw new CliError('demo_failed', `${seen.progress.done} were committed before the kill`)
  }

  await watch(stage, id, (run) => isEnded(run.status) || run.progress.done > committed)
  const backAfterMs = Date.now() - upAt
  say(`Back by itself: its next commit came ${durationText(backAfterMs)} after the restart.`)
  return { committedWhenKilled: committed, restartMs: upAt - killedAt, backAfterMs }
}
