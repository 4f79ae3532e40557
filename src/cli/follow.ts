import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Client, type Run } from '../client/index.ts'
import { isEnded } from '../engine/run.ts'
import type { Display } from './text/display.ts'
import { CliError } from './errors.ts'

export interface FollowOptions {
  display: Display
  /** @default the run has ended */
  until?: (run: Run) => boolean
  /** @default 250 */
  everyMs?: number
  /** Gives up after this long. @default never */
  withinMs?: number
}

/** Shows a run until it has come as far as asked, also across a restart of the Worker. */
export async function follow(client: Client, id: string, options: FollowOptions): Promise<Run> {
  const {
    display,
    until = (run) => isEnded(run.status),
    everyMs = 250,
    withinMs = Infinity,
  } = options
  const deadline = Date.now() + withinMs
  let run = await client.run(id)
  try {
    for (;;) {
      display.show([run])
      if (until(run)) return run
      if (Date.now() > deadline) {
        throw new CliError(
          'timeout',
          `run ${id} is ${run.status} at ${run.progress.done} items after ${withinMs} ms`,
        )
      }
      await sleep(everyMs)
      run = await patiently(() => client.run(id), display, deadline)
    }
  } finally {
    display.close()
  }
}

/** The answer, however long nobody answers: a run outlives its Worker. */
export async function patiently<T>(
  ask: () => Promise<T>,
  display: Display,
  deadline = Infinity,
): Promise<T> {
  for (let noted = false; ; noted = true) {
    try {
      return await ask()
    } catch (error) {
      const away = error instanceof ApiError && error.code === 'unreachable'
      if (!away || Date.now() > deadline) throw error
      if (!noted) display.note('No answer; waiting for the Worker to come back.')
      await sleep(200)
    }
  }
}
