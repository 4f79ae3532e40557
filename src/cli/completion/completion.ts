import type { Argument, Command, Option } from 'commander'

/** A word that may stand where the cursor is, and what it means. */
export interface Candidate {
  word: string
  meaning: string
}

/** The words that only the Worker knows. Each answers nothing when it is away: completing is never an error. */
export interface Lookups {
  jobs: () => Promise<Candidate[]>
  runs: () => Promise<Candidate[]>
}

/** The words that may stand for the last one after `dogear`, which may be empty or begun. */
export async function complete(
  program: Command,
  words: readonly string[],
  lookups: Lookups,
): Promise<Candidate[]> {
  const begun = words.at(-1) ?? ''
  const { verb, positions, awaiting } = read(program, words.slice(0, -1))
  const found =
    awaiting !== undefined
      ? await valuesOf(awaiting, lookups)
      : begun.startsWith('-')
        ? optionsOf(program, verb)
        : verb === program
          ? verbsOf(program)
          : await argumentsOf(program, verb.registeredArguments[positions], lookups)
  return found.filter(({ word }) => word.startsWith(begun))
}

interface Read {
  /** The verb that stands there, or the program when there is none yet. */
  verb: Command
  /** Arguments of the verb that stand there already. */
  positions: number
  /** The option whose value comes next. */
  awaiting: Option | undefined
}

function read(program: Command, words: readonly string[]): Read {
  let verb = program
  let positions = 0
  let awaiting: Option | undefined
  for (const word of words) {
    if (awaiting !== undefined) {
      awaiting = undefined
    } else if (word.startsWith('-')) {
      const option = [...verb.options, ...program.options].find(({ long }) => long === word)
      awaiting = option?.required === true ? option : undefined
    } else if (verb === program) {
      verb = verbNamed(program, word) ?? program
    } else {
      positions += 1
    }
  }
  return { verb, positions, awaiting }
}

function verbNamed(program: Command, word: string): Command | undefined {
  return program.commands.find((verb) => verb.name() === word || verb.aliases().includes(word))
}

function verbsOf(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ word: command.name(), meaning: command.description() }))
}

/** The verb's own, then those that every verb takes. */
function optionsOf(program: Command, verb: Command): Candidate[] {
  const own = verb.createHelp().visibleOptions(verb)
  const shared = verb === program ? [] : program.options.filter(({ long }) => long !== '--version')
  return [...own, ...shared].map(({ long, description }) => ({
    word: long ?? '',
    meaning: description,
  }))
}

async function argumentsOf(
  program: Command,
  argument: Argument | undefined,
  lookups: Lookups,
): Promise<Candidate[]> {
  if (argument === undefined) return []
  return argument.name() === 'command' ? verbsOf(program) : valuesOf(argument, lookups)
}

async function valuesOf(place: Argument | Option, { jobs, runs }: Lookups): Promise<Candidate[]> {
  if (place.argChoices) return place.argChoices.map((word) => ({ word, meaning: '' }))
  if (place.name() === 'job') return jobs()
  if (place.name() === 'run')
    return [{ word: 'last', meaning: 'the newest run' }, ...(await runs())]
  return []
}
