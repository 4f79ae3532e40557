import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { didYouMean } from '../../src/cli/did-you-mean.ts'
import { createShopProgram } from '../../src/shop/cli/program.ts'

const program = createShopProgram()

/** A command's whole help, as `--help` prints it. */
function helpOf(command: Command): string {
  let help = ''
  const writeOut = (text: string) => void (help += text)
  command.configureOutput({ writeOut, getOutHelpWidth: () => 80 }).outputHelp()
  return help
}

/** The commands that its help shows: `dogear seed --quick && dogear jobs` holds two. */
function examplesOf(command: Command): string[][] {
  const [, shown = ''] = /\nExamples?:\n((?: {2}dogear .*\n?)+)/.exec(helpOf(command)) ?? []
  return shown
    .split(/\n|&&/)
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first === 'dogear')
    .map(([, ...words]) => words)
}

describe('The help', () => {
  it.each([program, ...program.commands].map((verb) => [verb.name(), verb] as const))(
    'of %s has examples, all of which the command understands',
    (_name, command) => {
      const examples = examplesOf(command)
      expect(examples.length).toBeGreaterThan(0)
      for (const [name = '', ...words] of examples) {
        const verb = createShopProgram().commands.find((one) => one.name() === name)
        expect(verb, name).toBeDefined()
        const { operands, unknown } = verb?.parseOptions(words) ?? { operands: [], unknown: [] }
        expect(unknown.filter((option) => !['--json', '--'].includes(option))).toEqual([])
        const wanted = verb?.registeredArguments.filter(({ required }) => required).length
        expect(operands.length, words.join(' ')).toBeGreaterThanOrEqual(wanted ?? 0)
      }
    },
  )

  it('fits into 80 columns', () => {
    const wide = program.commands.flatMap((verb) => helpOf(verb).split('\n'))
    expect(wide.filter((line) => line.length > 80)).toEqual([])
  })
})

describe('What may have been meant', () => {
  const JOBS = ['process-orders', 'process-orders-iteration', 'import-orders']

  it.each([
    ['process-order', ' (Did you mean process-orders?)'],
    ['procss-orders-iteraton', ' (Did you mean process-orders-iteration?)'],
    ['inport-orders', ' (Did you mean import-orders?)'],
    ['send-mail', ''],
    ['', ''],
  ])('by %j is said when it is near', (typed, hint) => {
    expect(didYouMean(typed, JOBS)).toBe(hint)
  })
})
