import type { Command } from 'commander'
import { didYouMean } from './did-you-mean.ts'

/** What other commands call removing. The nearest verb by letters would be `reset`, which does something else. */
const REMOVING = new Set(['delete', 'del', 'remove', 'rm'])

/** What is wrong with a verb that there is not, and what to type instead. */
export function unknownVerb(program: Command, typed: string, hint?: string): string {
  const found = `unknown command '${typed}'`
  if (REMOVING.has(typed)) {
    return `${found}; runs are ended by 'dogear cancel RUN', and their rows go by themselves 30 days later`
  }
  const verbs = program.createHelp().visibleCommands(program)
  const names = verbs.map((verb) => verb.name())
  const all = verbs.flatMap((verb) => [verb.name(), ...verb.aliases()])
  return `${found}${hint ?? didYouMean(typed, all)}; there are: ${names.join(', ')}`
}
