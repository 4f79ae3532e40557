import type { Command } from 'commander'
import { GLOSSARY, termFor } from '../../sentences/glossary.ts'
import { displayContext } from '../context.ts'
import { didYouMean } from '../did-you-mean.ts'
import { UsageError } from '../errors.ts'
import { examples } from '../help.ts'

/** `explain`: what a word of Dogear means. It asks no Worker. */
export function addExplainVerb(program: Command): void {
  program
    .command('explain')
    .description('say what a word means, or list them all')
    .argument('[word...]', 'like `fence` or `idempotency key`')
    .addHelpText('after', examples('explain fence', 'explain'))
    .action((words: string[], _options, command) => {
      const { print } = displayContext(command)
      const entries = words.length === 0 ? Object.entries(GLOSSARY) : [entryFor(words.join(' '))]
      print(
        Object.fromEntries(entries),
        entries.map(([term, meaning]) => `${term}: ${meaning}`).join('\n'),
      )
    })
}

function entryFor(word: string): [term: string, meaning: string] {
  const term = termFor(word)
  if (term !== undefined) return [term, GLOSSARY[term] ?? '']
  throw new UsageError(
    `the glossary has no '${word}'${didYouMean(word, Object.keys(GLOSSARY))}; \`dogear explain\` lists them all`,
  )
}
