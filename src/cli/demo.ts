import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import { contextOf } from './context.ts'
import { demoOrders } from './demo-orders.ts'
import { examples } from './help.ts'
import { type LocalWorker, startLocalWorker } from './local-worker.ts'
import { onNpmGone } from './processes.ts'
import { durationText } from './text.ts'

/** What a demo is played on. */
export interface Stage {
  worker: LocalWorker
  json: boolean
  /** Ask a person before resuming. */
  pause: boolean
  /** For people only: silent with `--json`. */
  say: (text: string) => void
}

export function addDemoVerb(program: Command): void {
  program
    .command('demo')
    .description(
      'show jobs survive: held at 300 orders, then killed in mid-run; on a Worker of its own',
    )
    .addArgument(new Argument('<which>', 'what to show').choices(['orders']))
    .option('--pause', 'ask before resuming')
    .addHelpText('after', examples('demo orders', 'demo orders --pause'))
    .action(async (_which: string, { pause = false }: { pause?: boolean }, command) => {
      const { json, print } = contextOf(command)
      const say = (text: string) => void (json || console.log(text))
      const startedAt = Date.now()
      const runs = await onStage({ json, pause: pause && !json, say }, demoOrders)
      const ok = runs.every(({ verification }) => verification.ok)
      const tookMs = Date.now() - startedAt
      const verdict = ok
        ? 'Everything was done exactly once'
        : 'NOT everything was done exactly once'
      print({ ok, tookMs, runs }, `\n${verdict}. (${durationText(tookMs)} in all)`)
      if (!ok) process.exitCode = 1
    })
}

/** A Worker with fresh state in a temporary folder; neither outlives the play, however it ends. */
async function onStage<T>(
  given: Omit<Stage, 'worker'>,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const persistTo = await mkdtemp(join(tmpdir(), 'dogear-demo-'))
  // The local Worker ends itself when the process exits.
  process.once('exit', () => rmSync(persistTo, { recursive: true, force: true, maxRetries: 5 }))
  const abort = (name: NodeJS.Signals) => process.exit(128 + constants.signals[name])
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, abort)
  onNpmGone(() => abort('SIGTERM'))
  const startedAt = Date.now()
  const worker = await startLocalWorker({ persistTo, logLevel: 'warn' })
  given.say(
    `Started a Worker with fresh state at ${worker.url} (${durationText(Date.now() - startedAt)}).`,
  )
  try {
    return await play({ ...given, worker })
  } finally {
    await worker.stop()
  }
}
