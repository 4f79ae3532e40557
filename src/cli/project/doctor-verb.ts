import type { Command } from 'commander'
import { contextOf } from '../context.ts'
import { urlOfPackage } from '../default-url.ts'
import { examples } from '../help.ts'
import { isRead } from './code.ts'
import { type Check, unseen } from './checks/check.ts'
import { liveChecks } from './checks/live-checks.ts'
import { findConfigFile, noConfig } from './config-file.ts'
import { doctorText } from './doctor-text.ts'
import { mergeChecks, staticChecks } from './doctor.ts'
import { type Project, readProject } from './project.ts'

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
      const folder = process.cwd()
      const isNamed =
        command.getOptionValueSourceWithGlobals('url') !== 'default' ||
        urlOfPackage(folder) !== undefined
      // A Worker that is named can be asked wherever its files are.
      const isElsewhere = isNamed && findConfigFile(folder, config) === undefined
      const project = isElsewhere ? undefined : await readProject(folder, config)
      const live = await liveChecks({ url, token, isNamed })
      const files = project ? staticChecks(project, env) : [noFiles(folder)]
      const checks = mergeChecks(files, live ?? [])
      const ok = checks.every((check) => check.ok)
      const seen = [
        ...seenOf(project),
        ...(live ? [isNamed ? url : `${url} (a guess: --url says where the Worker is)`] : []),
      ]
      print({ ok, checks }, doctorText(checks, seen, paint))
      if (!ok) process.exitCode = 1
    })
}

function seenOf(project: Project | undefined): string[] {
  if (project === undefined) return []
  return [project.file.name, ...(isRead(project.code) ? [project.main] : [])]
}

function noFiles(folder: string): Check {
  return { name: 'files', ...unseen(noConfig(folder).message) }
}
