import { atRest, checkpointText, CliError, displayFor, follow, verificationText } from 'dogear/cli'
import type { Run, StartOptions, Verification } from 'dogear/client'
import { isEnded } from 'dogear/client'
import { askToResume, type Stage } from './stage.ts'

/** The scenes that demos are made of. Each checks what it shows, and throws when it is not so. */

/** Nothing in a demo takes longer, or something is wrong. */
const WITHIN_MS = 120_000

/** Shows a run until it has come as far as asked. */
export function watch(
  { client, json }: Stage,
  id: string,
  until: (run: Run) => boolean,
): Promise<Run> {
  return follow(client, id, { display: displayFor(json), until, everyMs: 25, withinMs: WITHIN_MS })
}

/** Starts a run, which is to be held after exactly so many items; shows its checkpoint. */
export async function startAndHold(
  stage: Stage,
  job: string,
  options: StartOptions,
  done: number,
): Promise<Run> {
  const { client, say } = stage
  const { id } = await client.start(job, { ...options, hold: true })
  const held = await watch(stage, id, atRest)
  if (held.held !== true || held.progress.done !== done) {
    throw unexpected(held, `held at exactly ${done}`)
  }
  say(checkpointText(await client.checkpoint(id)))
  await askToResume(stage)
  return held
}

/** Follows a run to its end, which is to be with so many items done; shows its proof. */
export async function finishAndVerify(
  stage: Stage,
  id: string,
  done: number,
): Promise<{ run: Run; verification: Verification }> {
  const run = await watch(stage, id, ({ status }) => isEnded(status))
  if (run.status !== 'completed' || run.progress.done !== done) {
    throw unexpected(run, `completed at ${done}`)
  }
  const verification = await stage.client.verification(id)
  stage.say(`\n${verificationText(verification)}`)
  return { run, verification }
}

/** Resumes a held run and follows it to its end; also shows how its items fell to its slices. */
export async function resumeAndVerify(stage: Stage, held: Run, done: number) {
  const { client, say } = stage
  await client.command(held.id, 'resume')
  const finished = await finishAndVerify(stage, held.id, done)
  const { slices } = await client.slices(held.id)
  const parts = slices.map(({ items }) => items)
  // A slow machine takes more than one slice for either part.
  const sums = parts.map((_items, index) => parts.slice(0, index + 1).reduce((a, b) => a + b, 0))
  if (!sums.includes(held.progress.done) || sums.at(-1) !== done) {
    throw unexpected(finished.run, `slices that did ${held.progress.done} first, and then the rest`)
  }
  say(`Its slices did ${parts.join(' + ')} = ${done}: what was done before was not done again.`)
  return finished
}

/** The error of a demo whose run did not do what it shows. */
export function unexpected(run: Run, expected: string): CliError {
  const error = run.error === undefined ? '' : `: ${run.error.message}`
  return new CliError(
    'demo_failed',
    `run ${run.id} of ${run.job} is ${run.status} at ${run.progress.done}${error}; expected ${expected}`,
  )
}
