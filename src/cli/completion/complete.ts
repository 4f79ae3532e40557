import { Argument, type Command } from 'commander'
import { Client, type Run } from '../../client/index.ts'
import { progressText } from '../text/bar.ts'
import { type Candidate, complete } from './completion.ts'
import { completionScript, SHELLS, type Shell } from './completion-scripts.ts'
import { examples } from '../help.ts'
import { visible } from '../../engine/plain-text.ts'

const PLAIN_WORD = /^[\w./:@=-]+$/

/** Somebody waits with a finger on the key. */
const ANSWER_WITHIN_MS = 1_000

/** `completion` for people to load, and `complete`, which the loaded script calls. */
export function addCompletionVerbs(program: Command, main: string): void {
  program
    .command('completion')
    .description('print a script that completes verbs, options, jobs and runs in your shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      `${examples('completion bash')}\n\nLoad it with: source <(npm run --silent dogear -- completion bash)`,
    )
    .action((shell: Shell) => {
      const ofFiles = program.commands.filter(
        ({ registeredArguments: [first] }) => first?.name() === 'file',
      )
      const names = ofFiles.map((verb) => verb.name())
      console.log(completionScript(shell, [process.execPath, main], names))
    })

  program
    .command('complete', { hidden: true })
    .description('list what may stand for the last word')
    .argument('[words...]', 'the words after `dogear`, the last of them not finished')
    .addHelpText('after', examples("complete -- run ''"))
    .action(async (words: string[]) => {
      const found = await complete(program, words, lookups(clientFor(program, words)))
      for (const { word, meaning } of found) {
        // A shell takes the word as if it had been typed.
        if (PLAIN_WORD.test(word)) console.log(`${word}\t${visible(meaning)}`)
      }
    })
}

/** The Worker that the command under way is meant for. */
function clientFor(program: Command, words: readonly string[]): Client {
  const { url, token } = program.opts<{ url: string; token?: string }>()
  const given = words[words.indexOf('--url') + 1]
  const chosen = words.includes('--url') && given !== undefined ? given : url
  return new Client(chosen, { token, readWithinMs: ANSWER_WITHIN_MS })
}

function lookups(client: Client) {
  const jobs = async (): Promise<Candidate[]> =>
    (await client.jobs()).jobs.map(({ name, style }) => ({ word: name, meaning: style }))
  const runs = async (): Promise<Candidate[]> =>
    (await client.runs({ limit: 20 })).runs.map((run: Run) => ({
      word: run.id,
      meaning: `${run.job}, ${run.status} at ${progressText(run)}`,
    }))
  const none = (): Candidate[] => []
  return { jobs: () => jobs().catch(none), runs: () => runs().catch(none) }
}
