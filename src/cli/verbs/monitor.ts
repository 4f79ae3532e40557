import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { isEnded, type Status } from '../../engine/run.ts'
import type { Client, Run } from '../../client/index.ts'
import { contextOf } from '../context.ts'
import type { Display } from '../text/display.ts'
import { follow, patiently } from '../follow.ts'
import { examples } from '../help.ts'
import { runsText } from '../text/runs-text.ts'
import { RUN_MEANING } from './run.ts'
import { requireCompleted } from './runs.ts'

const EVERY_MS = 250
const ACTIVE: readonly Status[] = ['queued', 'running', 'interrupted', 'paused']

export function addMonitorVerb(program: Command): void {
  program
    .command('monitor')
    .description(
      'watch runs live: one until it ends (exit 1 unless it completes), or all until Ctrl-C',
    )
    .argument('[run]', RUN_MEANING)
    .addHelpText('after', examples('monitor', 'monitor last'))
    .action(async (given: string | undefined, _options, command) => {
      const { client, display, json, look, print, runId } = contextOf(command)
      if (given !== undefined) {
        const run = await follow(client, await runId(given), {
          display: display(),
          everyMs: EVERY_MS,
        })
        if (json) print(run, '')
        requireCompleted(run)
      } else if (json) {
        const runs = await activeRuns(client)
        print({ runs }, runsText(runs, look))
      } else {
        await watch(client, display())
      }
    })
}

/** Shows every active run until Ctrl-C; each as it ended when it has. */
async function watch(client: Client, display: Display): Promise<never> {
  process.once('SIGINT', () => {
    display.close()
    process.exit(0)
  })
  const shown = new Set<string>()
  let runs = await activeRuns(client)
  if (runs.length === 0) display.note('No active runs; waiting for one. Ctrl-C ends.')
  for (;;) {
    for (const run of runs) {
      if (isEnded(run.status)) shown.delete(run.id)
      else shown.add(run.id)
    }
    display.show(runs)
    await sleep(EVERY_MS)
    runs = await patiently(() => activeRuns(client, shown), display)
  }
}

/** The active runs, the oldest first, and those of `shown` that have ended since. */
async function activeRuns(client: Client, shown: ReadonlySet<string> = new Set()): Promise<Run[]> {
  const lists = await Promise.all(ACTIVE.map((status) => client.runs({ status, limit: 50 })))
  const found = new Map(lists.flatMap(({ runs }) => runs).map((run) => [run.id, run]))
  for (const id of shown) {
    if (!found.has(id)) found.set(id, await client.run(id))
  }
  return [...found.values()].sort((a, b) => a.createdAt.localeCompare(b.createdAt))
}
