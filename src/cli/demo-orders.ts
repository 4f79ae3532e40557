import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { isEnded } from '../engine/run.ts'
import type { Run, Verification } from './api.ts'
import { Client } from './client.ts'
import { displayFor } from './context.ts'
import type { Stage } from './demo.ts'
import { CliError } from './errors.ts'
import { follow } from './follow.ts'
import { checkpointText, verificationText } from './render.ts'
import { atRest } from './runs.ts'
import { durationText } from './text.ts'

const JOBS = ['process-orders', 'process-orders-iteration']
const ORDERS = 1_000
const HOLD_AFTER = 300
const KILL_FROM = 450
/** Nothing in the demo takes longer, or something is wrong. */
const WITHIN_MS = 45_000

/** What happened to one run, for `--json`. */
export interface Story {
  job: string
  run: string
  heldAt: number
  committedWhenKilled: number
  restartMs: number
  backAfterMs: number
  verification: Verification
}

/** Both styles of the same job: held after 300 orders, resumed, killed in mid-run, back, verified. */
export async function demoOrders(stage: Stage): Promise<Story[]> {
  const client = new Client(stage.worker.url)
  const { orders } = await client.seed({ orders: ORDERS })
  stage.say(`Seeded ${orders.total} orders, ${orders.pending} of them pending.`)
  const stories: Story[] = []
  for (const job of JOBS) {
    await client.reset()
    stories.push(await tell(stage, client, job))
  }
  return stories
}

async function tell(
  { worker, json, pause, say }: Stage,
  client: Client,
  job: string,
): Promise<Story> {
  const watch = (id: string, until: (run: Run) => boolean) =>
    follow(client, id, { display: displayFor(json), until, everyMs: 25, withinMs: WITHIN_MS })

  say(`\n── ${job}: interrupted after ${HOLD_AFTER} orders, and held ──`)
  const { id } = await client.start(job, {
    hold: true,
    interrupt: { afterItems: HOLD_AFTER },
    // A commit per order, so that the run lasts long enough to be killed in the middle.
    commit: { everyItems: 1 },
  })
  const held = await watch(id, atRest)
  if (held.held !== true || held.progress.done !== HOLD_AFTER) {
    throw unexpected(held, `held at exactly ${HOLD_AFTER}`)
  }
  say(checkpointText(await client.checkpoint(id)))
  if (pause) await askToResume()

  say(`\n── ${job}: resumed, and its Worker killed in mid-run ──`)
  await client.command(id, 'resume')
  const seen = await watch(id, (run) => isEnded(run.status) || run.progress.done >= KILL_FROM)
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

  const back = await watch(id, (run) => isEnded(run.status) || run.progress.done > committed)
  const backAfterMs = Date.now() - upAt
  say(`Back by itself: its next commit came ${durationText(backAfterMs)} after the restart.`)

  const ended = isEnded(back.status) ? back : await watch(id, (run) => isEnded(run.status))
  if (ended.status !== 'completed' || ended.progress.done !== ORDERS) {
    throw unexpected(ended, `completed at ${ORDERS}`)
  }
  const verification = await client.verification(id)
  say(`\n${verificationText(verification)}`)
  return {
    job,
    run: id,
    heldAt: held.progress.done,
    committedWhenKilled: committed,
    restartMs: upAt - killedAt,
    backAfterMs,
    verification,
  }
}

async function askToResume(): Promise<void> {
  // An input that is no terminal may end; then nobody is there to be asked.
  if (process.stdin.readableEnded) return
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  terminal.once('SIGINT', () => process.exit(130))
  await Promise.race([terminal.question('\nPress Enter to resume. '), once(terminal, 'close')])
  terminal.close()
}

function unexpected(run: Run, expected: string): CliError {
  const error = run.error === undefined ? '' : `: ${run.error.message}`
  return new CliError(
    'demo_failed',
    `run ${run.id} of ${run.job} is ${run.status} at ${run.progress.done}${error}; expected ${expected}`,
  )
}
