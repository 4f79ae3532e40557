import { join } from 'node:path'
import type { Command } from 'commander'
import { createProgram } from 'dogear/cli'
import { addCompareVerb } from './compare.ts'
import { addDemoVerb } from './demo.ts'
import { addShopVerbs } from './shop-verbs.ts'

/** The `dogear` command of this repository: the library's verbs, and the shop's own. */
export function createShopProgram(): Command {
  const program = createProgram({
    main: join(import.meta.dirname, 'main.ts'),
    examples: ['seed --quick', 'run process-orders --interrupt-after-items 30 --hold --wait'],
  })
  program.commandsGroup('The shop:')
  addShopVerbs(program)
  addCompareVerb(program)
  addDemoVerb(program)
  return program
}
