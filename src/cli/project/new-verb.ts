import { join } from 'node:path'
import type { Command } from 'commander'
import { displayContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { examples } from '../help.ts'
import { planJob } from './new-job.ts'
import { readProject } from './project.ts'
import { writeFile } from './write-file.ts'

interface NewFlags {
  iteration?: boolean
  steps?: boolean
  config?: string
}

/** `dogear new`: a job and its test. */
export function addNewVerb(program: Command): void {
  program
    .command('new')
    .description('write a new job and its test')
    .argument('<job>', 'its name, of lower case letters, digits and dashes')
    .option('--iteration', 'walks rows: the engine owns loop and cursor')
    .option('--steps', 'named steps, each of which may walk rows')
    .option('--config <file>', "the Worker's wrangler.jsonc, wrangler.json or wrangler.toml")
    .addHelpText('after', examples('new send-invoices --iteration', 'new close-year --steps'))
    .action(async (job: string, { iteration, steps, config }: NewFlags, command: Command) => {
      if (iteration === steps) {
        throw new UsageError(`say how '${job}' is written: --iteration for rows, --steps for steps`)
      }
      const { print } = displayContext(command)
      const project = await readProject(process.cwd(), config)
      const planned = planJob(project, job, iteration ? 'iteration' : 'steps')
      for (const { file, text } of planned.files) writeFile(join(project.folder, file), text)
      const written = planned.files.map(({ file }) => `Wrote ${file}`).join('\n')
      const lines = planned.lines.map((line) => `  ${line}`).join('\n')
      const where = planned.needsInit
        ? `Type npx dogear init, which writes ${planned.addTo}. In it:`
        : `In ${planned.addTo}:`
      print(planned, `${written}\n\n${where}\n\n${lines}`)
    })
}
