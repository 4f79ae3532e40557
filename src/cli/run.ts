import type { Command as Verb } from 'commander'
import { type Command, COMMANDS } from '../engine/run.ts'
import { stateText } from './bar.ts'
import { type Context, contextOf } from './context.ts'
import { checkpointText, runText, verificationText } from './render.ts'

const STEERING: Record<Command, string> = {
  interrupt: 'end the slice under way at its next checkpoint; the run goes on by itself',
  pause: 'stop a run at its next checkpoint, until `resume`',
  resume: 'let a paused or held run go on from its checkpoint',
  cancel: 'end a run for good at its next checkpoint',
  retry: 'take up a failed or cancelled run again from its checkpoint',
}

/** The verbs on one run: show, checkpoint, verify, and those that steer it. */
export function addRunVerbs(program: Verb): void {
  addRunVerb(program, 'show', 'show all there is to know of a run', async (id, context) => {
    const run = await context.client.run(id)
    context.print(run, runText(run, context.paint))
  })

  addRunVerb(program, 'checkpoint', 'show where a run would go on', async (id, context) => {
    const checkpoint = await context.client.checkpoint(id)
    context.print(checkpoint, checkpointText(checkpoint))
  })

  addRunVerb(
    program,
    'verify',
    'check that a run did everything exactly once; exit 1 if not',
    async (id, context) => {
      const verification = await context.client.verification(id)
      context.print(verification, verificationText(verification, context.paint))
      if (!verification.ok) process.exitCode = 1
    },
  )

  for (const name of COMMANDS) {
    const verb = addRunVerb(program, name, STEERING[name], async (id, context, options) => {
      const run = await context.client.command(id, name, options)
      context.print(run, `Run ${run.id} is ${stateText(run)}.`)
    })
    if (name === 'interrupt') verb.option('--hold', 'stay interrupted until `resume`')
  }
}

function addRunVerb(
  program: Verb,
  name: string,
  description: string,
  act: (id: string, context: Context, options: { hold?: boolean }) => Promise<void>,
): Verb {
  return program
    .command(name)
    .description(description)
    .argument('<run>', 'its id, or `last` for the newest')
    .addHelpText('after', `\nExample: dogear ${name} last`)
    .action(async (run: string, options: { hold?: boolean }, command) => {
      const context = contextOf(command)
      await act(await context.runId(run), context, options)
    })
}
