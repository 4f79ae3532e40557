import type { Command } from 'commander'
import { contextOf } from '../context.ts'
import { examples } from '../help.ts'
import { liveChecks } from './checks/live-checks.ts'
import { doctorText } from './doctor-text.ts'
import { mergeChecks, staticChecks } from './doctor.ts'
import { readProject } from './project.ts'

interface DoctorFlags {
  config?: string
  env?: string
}

/** `dogear doctor`: what is wired wrongly, and what to type. */
export function addDoctorVerb(program: Command): void {
  program
    .command('doctor')
    .description('find what is wired wrongly in the Worker of this folder')
    .option('--config <file>', "the Worker's wrangler.jsonc, wrangler.json or wrangler.toml")
    .option('--env <name>', 'look at this environment of it only')
    .addHelpText('after', examples('doctor', 'doctor --env production --json'))
    .action(async ({ config, env }: DoctorFlags, command: Command) => {
      const { print, paint } = contextOf(command)
      const { url, token } = command.optsWithGlobals<{ url: string; token?: string }>()
      const isNamed = command.getOptionValueSourceWithGlobals('url') !== 'default'
      const project = await readProject(process.cwd(), config)
      const live = await liveChecks({ url, token, isNamed })
      const checks = mergeChecks(staticChecks(project, env), live ?? [])
      const ok = checks.every((check) => check.ok)
      const seen = [project.file.name, project.main, ...(live ? [url] : [])]
      print({ ok, checks }, doctorText(checks, seen, paint))
      if (!ok) process.exitCode = 1
    })
}
