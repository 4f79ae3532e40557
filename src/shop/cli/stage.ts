import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { durationText } from 'dogear/cli'
import { buildMissingPage, type LocalWorker, onNpmGone, startLocalWorker } from 'dogear/cli/local'
import type { Verification } from 'dogear/client'
import { ShopClient } from '../client.ts'

/** A Worker for a demo to play on, with its client. */
export interface Stage {
  worker: LocalWorker
  client: ShopClient
  json: boolean
  /** Ask a person before resuming. */
  pause: boolean
  /** For people only: silent with `--json`. */
  say: (text: string) => void
}

/** The story of one run of a demo, for `--json`. */
export interface Story {
  job: string
  run: string
  /** Items done when it was held; missing where it was not. */
  heldAt?: number
  verification: Verification
}

/** A Worker with fresh state in a temporary folder; neither outlives the play, however it ends. */
export async function onStage<T>(
  given: Pick<Stage, 'json' | 'pause' | 'say'>,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const persistTo = await mkdtemp(join(tmpdir(), 'dogear-demo-'))
  // The local Worker ends itself when the process exits.
  process.once('exit', () => rmSync(persistTo, { recursive: true, force: true, maxRetries: 5 }))
  const abort = (name: NodeJS.Signals) => process.exit(128 + constants.signals[name])
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, abort)
  onNpmGone(() => abort('SIGTERM'))
  await buildMissingPage()
  const startedAt = Date.now()
  const worker = await startLocalWorker({ persistTo, logLevel: 'warn' })
  given.say(
    `Started a Worker with fresh state at ${worker.url} (${durationText(Date.now() - startedAt)}).`,
  )
  try {
    return await play({ ...given, worker, client: new ShopClient(worker.url) })
  } finally {
    await worker.stop()
  }
}

/** Waits for a person, where there is one. */
export async function askToResume({ pause }: Stage): Promise<void> {
  // An input that is no terminal may end; then nobody is there to be asked.
  if (!pause || process.stdin.readableEnded) return
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  terminal.once('SIGINT', () => process.exit(130))
  await Promise.race([terminal.question('\nPress Enter to resume. '), once(terminal, 'close')])
  terminal.close()
}
